//! The plan `oidcc-client-config-certification-test-plan`. Its `oidcc-client-test-idtoken-sig-none` is the
//! basic plan's.

use auth_core::{ErrorKind, TokenSource};
use auth_testkit::Fault;

use super::suite::{Mode, Party, Suite, assert_accepted};

const OPENID: &str = "/.well-known/openid-configuration";

#[tokio::test]
async fn oidcc_client_test_discovery_openid_config() {
    let suite = Suite::new();
    assert_accepted(&suite, Mode::Query).await;
    assert_eq!(suite.server.count(OPENID), 1);
}

#[tokio::test]
async fn oidcc_client_test_discovery_jwks_uri_keys() {
    let suite = Suite::new();
    // The suite's address is another one at each run.
    let elsewhere = format!("{}/jwks?execution=7", suite.server.issuer());
    suite
        .server
        .fault(OPENID, Fault::member("jwks_uri", elsewhere));
    assert_accepted(&suite, Mode::Query).await;
    let asked = suite.server.requests();
    let keys: Vec<_> = asked
        .iter()
        .filter(|asked| asked.path() == "/jwks")
        .collect();
    assert_eq!(keys.len(), 1);
    assert_eq!(keys[0].query("execution").as_deref(), Some("7"));
}

#[tokio::test]
async fn oidcc_client_test_discovery_issuer_mismatch() {
    let suite = Suite::new();
    let other = Fault::member("issuer", "https://auth.test/invalid").always();
    suite.server.fault(OPENID, other);
    let error = Party::new(&suite, Mode::Query)
        .complete()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    for path in ["/authorize", "/token"] {
        assert_eq!(suite.server.count(path), 0, "{path}");
    }
}

#[tokio::test]
async fn oidcc_client_test_signing_key_rotation() {
    let suite = Suite::new();
    let party = Party::new(&suite, Mode::Query);
    party.complete().await.unwrap();
    suite.server.rotate_keys(false);
    party.complete().await.unwrap();
    assert_eq!(suite.server.count("/jwks"), 2);
}

#[tokio::test]
async fn oidcc_client_test_signing_key_rotation_just_before_signing() {
    let suite = Suite::new();
    let party = Party::new(&suite, Mode::Query);
    party.complete().await.unwrap();
    let login = party.login();
    login.token().await.unwrap();
    // The login page has been shown and the code is there: only the signature is new.
    suite.server.rotate_keys(true);
    login.renew().await.unwrap();
    party.user_info(&login).await.unwrap();
    assert_eq!(suite.server.count("/jwks"), 2);
}
