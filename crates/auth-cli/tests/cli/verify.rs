//! `auth verify` and `auth inspect`: a token from elsewhere, checked and looked at.

mod inspect;
mod setting;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::world::{Ended, World, finish, finish_with_bytes, finish_with_stdin};

impl World {
    /// A token of the server for its API.
    fn lab_token(&self) -> String {
        self.run(&["token", "lab", "--no-store"])
            .quiet()
            .trim()
            .to_owned()
    }

    fn verify(&self, token: &str, more: &[&str]) -> Ended {
        let issuer = self.listening().issuer();
        let mut arguments = vec!["verify", "--issuer", &issuer];
        if !more.contains(&"--audience") {
            arguments.extend(["--audience", "api"]);
        }
        arguments.extend(more);
        finish_with_stdin(self.auth(&arguments), token)
    }
}

/// The token with another claim, under the old signature.
fn forged(token: &str) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let claims = URL_SAFE_NO_PAD.decode(parts[1]).unwrap();
    let mut claims: Value = serde_json::from_slice(&claims).unwrap();
    claims["sub"] = "somebody else".into();
    let claims = URL_SAFE_NO_PAD.encode(claims.to_string());
    format!("{}.{claims}.{}", parts[0], parts[2])
}

#[test]
fn a_good_token_is_accepted_and_shown() {
    let world = World::new();
    let ended = world.verify(&world.lab_token(), &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    for part in [
        "issuer",
        "subject   robot",
        "scope     read write",
        "expires   in 59 min",
    ] {
        assert!(ended.stdout.contains(part), "{part}: {}", ended.stdout);
    }
    assert_eq!(ended.stderr, "auth: the token is accepted\n");
}

#[test]
fn json_has_the_claims_of_an_accepted_token_and_the_kind_of_a_rejection() {
    let world = World::new();
    let token = world.lab_token();
    let good: Value = serde_json::from_str(&world.verify(&token, &["--json"]).stdout).unwrap();
    assert_eq!(
        (&good["accepted"], &good["claims"]["aud"]),
        (&true.into(), &"api".into())
    );
    let ended = world.verify(&forged(&token), &["--json"]);
    assert_eq!(ended.code, Some(3));
    let bad: Value = serde_json::from_str(&ended.stdout).unwrap();
    assert_eq!(
        (&bad["accepted"], &bad["rejection"]),
        (&false.into(), &"bad_signature".into())
    );
    assert_eq!(bad["claims"], Value::Null);
}

#[test]
fn what_is_not_as_it_should_be_is_refused_with_3_and_one_line() {
    let world = World::new();
    let token = world.lab_token();
    for (token, more, kind) in [
        (&*forged(&token), &[][..], "bad_signature"),
        (&token, &["--audience", "somebody"], "wrong_audience"),
        (&token, &["--algorithm", "RS256"], "algorithm_not_allowed"),
        (&token, &["--role", "admin"], "role_missing"),
        (&token, &["--kind", "id-token"], "wrong_type"),
        (&token, &["--scope", "admin"], "scope_missing"),
        (&token, &["--kind", "keycloak"], ""),
        ("d663e83546294b158fea2574a1945319", &[], "not_compact"),
    ] {
        let ended = world.verify(token, more);
        if kind.is_empty() {
            // A realm's keys are elsewhere than this server's, which has none there.
            assert_eq!(ended.code, Some(2), "{}", ended.stderr);
            continue;
        }
        assert_eq!(
            (ended.code, &*ended.stdout),
            (Some(3), ""),
            "{kind}: {}",
            ended.stderr
        );
        assert!(ended.stderr.contains(kind), "{kind}: {}", ended.stderr);
        assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
        assert!(!ended.stderr.contains(token), "{}", ended.stderr);
    }
}

#[test]
fn keys_that_cannot_be_had_are_5_and_keys_from_a_file_need_no_network() {
    let mut world = World::new();
    let token = world.lab_token();
    let keys = world
        .run(&["request", "lab", world.listening().url("/jwks").as_str()])
        .quiet();
    let file = world.secret("keys.json", &keys);
    let issuer = world.listening().issuer();
    world.listening = None;
    let arguments = ["verify", "--issuer", &issuer, "--audience", "api"];
    let ended = finish_with_stdin(world.auth(&arguments), &token);
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    let mut command = world.auth(&arguments);
    command.arg("--jwks").arg(file);
    assert_eq!(finish_with_stdin(command, &token).code, Some(0));
}

#[test]
fn a_token_with_something_around_it_is_refused_and_that_is_said() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    let token = token.trim_end();
    let issuer = world.listening().issuer();
    let broken = format!("{}\n{}", &token[..40], &token[40..]);
    for (around, is_told) in [
        (format!("Bearer {token}"), true),
        (format!("Authorization: Bearer {token}\n"), true),
        (format!("\"{token}\""), true),
        (format!("{{\"access_token\": \"{token}\"}}"), true),
        (broken, true),
        (format!("{token}x.y"), false),
    ] {
        let words = ["verify", "--issuer", &issuer, "--audience", "api"];
        let ended = finish_with_stdin(world.auth(&words), &around);
        assert_eq!(ended.code, Some(3), "{}", ended.stderr);
        let told = ended.stderr.contains("give the token alone");
        assert_eq!(told, is_told, "{}", ended.stderr);
        assert!(!ended.stderr.contains(&token[40..]), "{}", ended.stderr);
    }
}

#[test]
fn what_is_no_token_is_refused_with_3_whatever_it_is() {
    let world = World::new();
    let huge = "x".repeat(70 << 10);
    for (token, kind) in [
        (&b""[..], "no_credentials"),
        (b"\r\n", "no_credentials"),
        (b" \n", "not_compact"),
        (b"\xef\xbb\xbf\n", "no_credentials"),
        (b"\xff\xfe", "bad_encoding"),
        (b"ab\xff.c.d", "bad_encoding"),
        (huge.as_bytes(), "too_long"),
        (b"a b", "not_compact"),
    ] {
        let file = world.secret_bytes("token", token);
        let issuer = world.listening().issuer();
        let arguments = ["verify", "--json", "--issuer", &issuer, "--audience", "api"];
        let by_file = {
            let mut command = world.auth(&arguments);
            command.arg(&file);
            finish(command)
        };
        let by_stdin = finish_with_bytes(world.auth(&arguments), token);
        for ended in [by_file, by_stdin] {
            assert_eq!(ended.code, Some(3), "{kind}: {}", ended.stderr);
            let verdict: Value = serde_json::from_str(&ended.stdout).unwrap();
            assert_eq!(
                (&verdict["accepted"], &verdict["rejection"]),
                (&false.into(), &kind.into())
            );
            assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
        }
    }
    let ended = world.verify("", &["nowhere.txt"]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("can't be read"), "{}", ended.stderr);
    let ended = finish(world.auth(&["verify", "--audience", "api"]));
    assert_eq!(ended.code, Some(2), "there is no policy by silence");
}

#[test]
fn a_key_set_that_no_other_try_can_mend_is_1_or_2_and_never_5() {
    let world = World::new();
    let token = world.lab_token();
    for (name, set) in [
        ("empty", r#"{"keys":[]}"#),
        ("none", "{}"),
        ("text", "not JSON"),
        (
            "secret",
            r#"{"keys":[{"kty":"oct","k":"AAAA","alg":"HS256"}]}"#,
        ),
    ] {
        let file = world.secret(name, set);
        let ended = world.verify(&token, &["--jwks", file.to_str().unwrap()]);
        assert!(matches!(ended.code, Some(1 | 2)), "{name}: {ended:?}");
        let lines = ended.stderr.lines();
        // A secret that somebody publishes is worth a word of its own.
        let rest = lines.filter(|line| !line.contains("a PRIVATE key or secret is published"));
        assert_eq!(rest.count(), 1, "{}", ended.stderr);
    }
    let ended = world.verify(&token, &["--jwks", "nowhere.json"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    for nowhere in ["/api", "/nowhere"] {
        let url = world.listening().url(nowhere).to_string();
        let ended = world.verify(&token, &["--jwks", &url]);
        assert!(matches!(ended.code, Some(1 | 2)), "{nowhere}: {ended:?}");
    }
}

#[test]
fn an_issuer_can_be_asked_about_a_token() {
    let world = World::new();
    world
        .server
        .set_policy(auth_testkit::Policy::new().with_opaque_tokens());
    let secret = world.secret("client.secret", crate::world::SECRET);
    let secret = secret.to_str().unwrap();
    let asks = [
        "--introspect",
        "--client-id",
        "robot",
        "--client-secret-file",
        secret,
    ];
    let token = world.lab_token();
    let ended = world.verify(&token, &asks);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stdout.contains("subject   robot"), "{}", ended.stdout);
    assert_eq!(world.verify("junk", &asks).code, Some(3));
    assert_eq!(world.verify("", &asks).code, Some(3));
    // Zitadel calls the members of an object after the roles.
    let roles = serde_json::json!({ "writer": { "1": "lab.test" } });
    let fault = auth_testkit::Fault::member("project", roles);
    world.server.fault("/introspect", fault.always());
    let by_name = [&asks[..], &["--roles-from", "project", "--role", "writer"]].concat();
    let ended = world.verify(&token, &by_name);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    assert!(ended.stderr.contains("--roles-by-key"), "{}", ended.stderr);
    let by_key = [&by_name[..], &["--roles-by-key"]].concat();
    let ended = world.verify(&token, &by_key);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    world.server.clear_faults();
    let wrong = world.secret("wrong.secret", "canary-wrong");
    let asks = [
        "--introspect",
        "--client-id",
        "robot",
        "--client-secret-file",
        wrong.to_str().unwrap(),
    ];
    let ended = world.verify(&token, &asks);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
    assert_eq!(world.verify(&token, &["--introspect"]).code, Some(2));
}

#[test]
fn microsofts_issuers_have_a_kind_and_no_password_is_shown() {
    let world = World::new();
    let keys = world.secret("keys.json", r#"{"keys":[]}"#);
    let verify = |issuer: &str, more: &[&str]| {
        let mut arguments = vec!["verify", "--issuer", issuer, "--audience", "api"];
        arguments.extend(more);
        let mut command = world.auth(&arguments);
        command.arg("--jwks").arg(&keys);
        finish_with_stdin(command, "token")
    };
    let tenant = "https://login.microsoftonline.com/a1b2c3d4-0000-4000-8000-123456789abc/v2.0";
    let ended = verify(tenant, &[]);
    assert_eq!(ended.code, Some(2));
    assert!(ended.stderr.contains("--kind entra"), "{}", ended.stderr);
    let client = [
        "--kind",
        "entra",
        "--audience",
        "00001111-aaaa-2222-bbbb-3333cccc4444",
    ];
    assert_eq!(
        verify(tenant, &client).code,
        Some(2),
        "the first audience is the client ID"
    );
    // What is only a name need be no address: the keys are given.
    let named = "http://adfs.example/adfs/services/trust";
    let ended = verify(named, &[]);
    assert_eq!(ended.code, Some(3), "{}", ended.stderr);
    let line = ["verify", "--issuer", named, "--audience", "api", "-"];
    let ended = finish_with_stdin(world.auth(&line), "token");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(ended.stderr.contains("--jwks"), "{}", ended.stderr);
    let ended = verify("https://ada:canary@login.example.org", &[]);
    assert_eq!(ended.code, Some(2));
    assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
}
