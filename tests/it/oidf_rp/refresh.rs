//! The plan `oidcc-client-refreshtoken-test-plan` (OpenID Connect Core §12.2).

use auth_core::{Error, ErrorKind, TokenSource};
use auth_testkit::Fault;
use serde_json::{Value, json};

use super::suite::{Mode, Party, Suite};
use crate::verify::forge::Forge;
use crate::verify::merged;

#[tokio::test]
async fn oidcc_client_test_refresh_token() {
    let suite = Suite::new();
    let party = Party::new(&suite, Mode::Query);
    let login = party.login();
    let first = login.token().await.unwrap();
    let second = login.renew().await.unwrap();
    assert!(!second.is_same(&first));
    party.user_info(&login).await.unwrap();
    let asked = suite.server.requests().pop().unwrap();
    let header = asked.header("authorization").unwrap();
    assert_eq!(header, format!("Bearer {}", second.expose_secret()));
}

/// A login whose next refresh answers with an ID token of changed claims, signed as the first one.
async fn refreshed_with(changes: Value) -> Error {
    let key = Forge::rsa("k");
    let suite = Suite::with_pen(&key.twin(), {
        let key = key.twin();
        move |claims| key.token(&claims)
    });
    let login = Party::new(&suite, Mode::Query).login();
    login.token().await.unwrap();
    let good = merged(suite.claims(None), json!({ "nonce": null }));
    let answer = |claims: Value| {
        let token = key.token(&claims);
        suite
            .server
            .fault("/token", Fault::member("id_token", token));
    };
    answer(good.clone());
    login.renew().await.unwrap();
    answer(merged(good, changes));
    login.renew().await.unwrap_err()
}

#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_issuer() {
    let error = refreshed_with(json!({ "iss": "https://auth.test/invalid" })).await;
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
}

#[tokio::test]
async fn oidcc_client_test_refresh_token_invalid_sub() {
    let error = refreshed_with(json!({ "sub": "eve" })).await;
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    assert!(error.to_string().contains("somebody else"), "{error}");
}

#[tokio::test]
async fn each_refusal_of_a_refreshed_id_token_says_what_to_compare() {
    let suite = Suite::new();
    let now = suite.claims(None)["iat"].as_u64().unwrap();
    for (changes, advice) in [
        (json!({ "iat": now + 360 }), "set this machine's clock"),
        (json!({ "nbf": now + 360 }), "set this machine's clock"),
        (json!({ "exp": now - 360 }), "set this machine's clock"),
        (
            json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }),
            "breaks the standard",
        ),
        (json!({ "sub": null }), ""),
    ] {
        let error = refreshed_with(changes.clone()).await;
        let said = error.advice().unwrap_or_default();
        assert!(
            said.starts_with(advice) || said.contains(advice),
            "{changes}: {error}"
        );
    }
}
