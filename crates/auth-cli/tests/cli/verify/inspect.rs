//! `auth inspect`: what a token says, checked by nobody.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use super::forged;
use crate::world::{World, finish_with_stdin};

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
    let (cut, _) = graph.rsplit_once('.').unwrap();
    let ended = finish_with_stdin(world.auth(&["inspect"]), &cut[..20]);
    assert_eq!(ended.code, Some(3));
    let said = "a token that was cut after 20 characters";
    assert!(ended.stderr.contains(said), "{}", ended.stderr);
    assert!(ended.stderr.contains("copy all of it"), "{}", ended.stderr);
}
