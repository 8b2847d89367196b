//! The switches of `auth verify`, and what a profile says in their place.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::forged;
use crate::world::{World, finish_with_stdin};

#[test]
fn each_setting_of_the_library_that_a_refusal_names_has_a_switch() {
    let world = World::new();
    let certificate = include_str!("../../../../../tests/it/testkit/entra/rsa.cert.pem");
    let text: String = certificate
        .lines()
        .filter(|line| !line.starts_with('-'))
        .collect();
    let inside = serde_json::json!({ "kid": "k", "x5c": [text] });
    let rsa: Value = serde_json::from_str(include_str!(
        "../../../../../tests/it/jwt_bearer/keys/rsa.jwk.json"
    ))
    .unwrap();
    let nameless = serde_json::json!({ "kty": "RSA", "n": rsa["n"], "e": rsa["e"] });
    let named = |kid: &str| {
        let mut key = nameless.clone();
        key["kid"] = kid.into();
        key
    };
    let header = |alg: &str| serde_json::json!({ "alg": alg, "kid": "k" });
    let now = std::time::SystemTime::UNIX_EPOCH
        .elapsed()
        .unwrap()
        .as_secs();
    let issuer = world.listening().issuer();
    let claims = serde_json::json!({ "iss": issuer, "aud": "api", "exp": now + 600 });
    let of_client = serde_json::json!({ "iss": issuer, "client_id": "api", "exp": now + 600 });
    for (keys, header, claims, before, switch, after) in [
        (
            &inside,
            header("RS256"),
            &claims,
            "misconfigured",
            &["--keys-in-certificates"][..],
            "bad_signature",
        ),
        (
            &named("k"),
            header("RS512"),
            &claims,
            "algorithm_not_allowed",
            &["--rsa-algorithm", "RS512"],
            "bad_signature",
        ),
        (
            &nameless,
            header("RS256"),
            &claims,
            "unknown_key",
            &["--loose-key-ids"],
            "bad_signature",
        ),
        (
            &named("k"),
            header("RS256"),
            &of_client,
            "bad_claim",
            &["--client-for-audience"],
            "bad_signature",
        ),
    ] {
        let (kind, reason) = rejection(&world, keys, &header, claims, &[]);
        assert_eq!(kind, before, "{reason}");
        assert!(reason.contains(switch[0]), "{reason}");
        let (kind, reason) = rejection(&world, keys, &header, claims, switch);
        assert_eq!(kind, after, "{reason}");
    }
}

#[test]
fn a_setting_that_means_nothing_is_named_and_no_refusal() {
    let world = World::new();
    let keys = world.secret("keys.json", r#"{"keys":[]}"#);
    for wrong in [
        ["--role", ""],
        ["--scope", ""],
        ["--scope", "a b"],
        ["--roles-from", ""],
        ["--access-claim", ""],
        ["--rsa-algorithm", "ES256"],
        ["--client-id", "robot"],
        ["--client-secret-file", "robot.secret"],
    ] {
        let mut command =
            world.auth(&["verify", "--issuer", "https://i.test", "--audience", "api"]);
        command.arg("--jwks").arg(&keys).args(wrong);
        let ended = finish_with_stdin(command, "token");
        assert_eq!(ended.code, Some(2), "{wrong:?}: {}", ended.stderr);
        assert!(
            ended.stderr.contains(wrong[0]),
            "{wrong:?}: {}",
            ended.stderr
        );
        assert!(
            !ended.stderr.contains("::"),
            "words of a library: {}",
            ended.stderr
        );
    }
}

#[test]
fn an_issuer_that_is_no_address_needs_keys_from_elsewhere_and_that_is_said() {
    let world = World::new();
    let keys = world.secret("keys.json", r#"{"keys":[]}"#);
    for name in [
        "kubernetes/serviceaccount",
        "urn:example:issuer",
        "did:web:i.test",
        "spiffe://i.test",
        "http://i.test/trust",
    ] {
        for kind in ["openid", "rfc9068"] {
            let arguments = [
                "verify",
                "--issuer",
                name,
                "--audience",
                "api",
                "--kind",
                kind,
            ];
            let ended = finish_with_stdin(world.auth(&arguments), "token");
            assert_eq!(ended.code, Some(2), "{name}: {}", ended.stderr);
            assert!(
                kind != "openid" || ended.stderr.contains("--jwks"),
                "{name}: {}",
                ended.stderr
            );
        }
        let mut command = world.auth(&["verify", "--issuer", name, "--audience", "api"]);
        command.arg("--jwks").arg(&keys);
        let ended = finish_with_stdin(command, "token");
        assert_eq!(ended.code, Some(3), "{name}: {}", ended.stderr);
    }
    let hosts = ["", "https://i.test", "i.test:8443"];
    for host in hosts {
        let arguments = [
            "verify",
            "--issuer",
            "https://i.test",
            "--audience",
            "api",
            "--keys-host",
            host,
        ];
        let ended = finish_with_stdin(world.auth(&arguments), "token");
        assert_eq!(ended.code, Some(2), "{host}: {}", ended.stderr);
    }
    let tenant = "https://sts.windows.net/a1b2c3d4-0000-4000-8000-123456789abc/";
    let arguments = [
        "verify",
        "--issuer",
        tenant,
        "--audience",
        "api",
        "--kind",
        "entra",
    ];
    let ended = finish_with_stdin(world.auth(&arguments), "token");
    assert_eq!(ended.code, Some(2));
    assert!(!ended.stderr.contains("--issuer"), "{}", ended.stderr);
}

/// The same world, whose profiles say for whom their tokens are.
fn with_profiles() -> World {
    let world = World::new();
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    let config = config.replace(
        "[profile.ada]",
        "verify-audience = \"api\"\n\n[profile.ada]",
    );
    std::fs::write(path, config).unwrap();
    world
}

#[test]
fn a_profile_says_from_whom_and_for_whom_its_tokens_must_be() {
    let world = with_profiles();
    let token = world.lab_token();
    let verify = |more: &[&str], token: &str| {
        let line = [&["verify", "--profile", "lab"][..], more].concat();
        finish_with_stdin(world.auth(&line), token)
    };
    let good = verify(&[], &token);
    assert_eq!(good.code, Some(0), "{}", good.stderr);
    assert_eq!(verify(&["--introspect"], &token).code, Some(0));
    assert_eq!(verify(&[], &forged(&token)).code, Some(3));
    // What is given wins.
    assert_eq!(verify(&["--audience", "other"], &token).code, Some(3));
    assert_eq!(
        verify(&["--issuer", "https://other.example"], &token).code,
        Some(3)
    );
    assert_eq!(verify(&["--kind", "rfc9068"], &token).code, Some(0));
}

#[test]
fn what_a_profile_does_not_say_is_asked_for() {
    let world = World::new();
    for (line, parts) in [
        (
            &["verify", "--profile", "lab"][..],
            &["`lab`", "for whom", "verify-audience"][..],
        ),
        (
            &["verify", "--profile", "disruptive"],
            &["from whom", "--issuer"],
        ),
        (&["verify", "--profile", "nobody"], &["no profile `nobody`"]),
        (&["verify", "--audience", "api"], &["--issuer"]),
    ] {
        let ended = finish_with_stdin(world.auth(line), "x");
        assert_eq!(ended.code, Some(2), "{line:?}: {}", ended.stderr);
        for part in parts {
            assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
        }
    }
}

/// The kind of the refusal of a token that nobody signed, at keys from a file, and the reason.
fn rejection(
    world: &World,
    keys: &Value,
    header: &Value,
    claims: &Value,
    more: &[&str],
) -> (String, String) {
    let keys = serde_json::json!({ "keys": [keys] }).to_string();
    let keys = world.secret("keys.json", &keys).display().to_string();
    let part = |of: &Value| URL_SAFE_NO_PAD.encode(of.to_string());
    let token = format!("{}.{}.{}", part(header), part(claims), part(&Value::Null));
    let mut arguments = vec!["--json", "--jwks", &keys];
    arguments.extend(more);
    let ended = world.verify(&token, &arguments);
    let said: Value = serde_json::from_str(&ended.stdout).unwrap();
    let text = |name: &str| said[name].as_str().unwrap().to_owned();
    (text("rejection"), text("reason"))
}
