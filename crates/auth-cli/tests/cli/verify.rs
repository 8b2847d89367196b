//! `auth verify` and `auth inspect`: a token from elsewhere, checked and looked at.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::world::{Ended, World, finish, finish_with_stdin};

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
        (&token, &["--kind", "keycloak"], ""),
        ("d663e83546294b158fea2574a1945319", &[], "not_compact"),
    ] {
        let ended = world.verify(token, more);
        if kind.is_empty() {
            // A realm's keys are elsewhere than this server's.
            assert_eq!(ended.code, Some(5), "{}", ended.stderr);
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
fn without_a_token_it_says_so() {
    let world = World::new();
    for (ended, part) in [
        (world.verify("", &[]), "there is no token"),
        (world.verify(" \n", &[]), "there is no token"),
        (world.verify("", &["nowhere.txt"]), "can't be read"),
    ] {
        assert_eq!(ended.code, Some(2));
        assert!(ended.stderr.contains(part), "{}", ended.stderr);
    }
    let ended = finish(world.auth(&["verify", "--audience", "api"]));
    assert_eq!(ended.code, Some(2), "there is no policy by silence");
}

#[test]
fn inspect_shows_what_a_token_says_and_that_nobody_checked_it() {
    let world = World::new();
    let token = world.lab_token();
    for token in [token.clone(), forged(&token)] {
        let ended = finish_with_stdin(world.auth(&["inspect"]), &token);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let shown: Value = serde_json::from_str(&ended.stdout).unwrap();
        assert_eq!(
            (&shown["verified"], &shown["header"]["alg"]),
            (&false.into(), &"ES256".into())
        );
        assert!(
            ended.stderr.contains("an access token (RFC 9068)"),
            "{}",
            ended.stderr
        );
        assert!(
            ended.stderr.contains("nothing of it was checked"),
            "{}",
            ended.stderr
        );
        assert!(
            !ended.stdout.contains(token.rsplit('.').next().unwrap()),
            "no signature is shown"
        );
    }
}

#[test]
fn inspect_warns_of_tokens_for_graph_and_knows_what_is_no_jwt() {
    let world = World::new();
    let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
    let header = part(r#"{"alg":"RS256","kid":"k","nonce":"n"}"#);
    let claims =
        part(r#"{"iss":"https://sts.windows.net/t/","aud":"https://graph.microsoft.com"}"#);
    let graph = format!("{header}.{claims}.{}", part("signature"));
    let ended = finish_with_stdin(world.auth(&["inspect", "-"]), &graph);
    assert!(ended.stderr.contains("Microsoft Graph"), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("no other API can check it"),
        "{}",
        ended.stderr
    );
    let opaque = "d663e83546294b158fea2574a1945319";
    let ended = finish_with_stdin(world.auth(&["inspect"]), opaque);
    assert_eq!(ended.code, Some(3));
    assert!(
        ended.stderr.contains("opaque token of 32"),
        "{}",
        ended.stderr
    );
    assert!(!ended.stderr.contains(opaque));
}
