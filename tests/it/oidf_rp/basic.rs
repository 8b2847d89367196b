//! The plans `oidcc-client-basic-certification-test-plan` and its form post sibling.

use auth_core::{ErrorKind, TokenSource};
use auth_testkit::{Fault, Visitor};
use serde_json::{Value, json};

use super::suite::{MODES, Mode, Party, Suite, assert_accepted, assert_refused, on_each_runtime};
use crate::verify::forge::{Forge, b64};
use crate::verify::merged;

/// A provider that changes claims of its ID tokens; `null` takes one out.
async fn assert_refuses(changes: Value, why: &str) {
    for mode in MODES {
        let (key, changes) = (Forge::rsa("k"), changes.clone());
        let suite = Suite::with_pen(&key.twin(), move |claims| {
            key.token(&merged(claims, changes.clone()))
        });
        assert_refused(&suite, mode, why).await;
    }
}

#[tokio::test]
async fn oidcc_client_test() {
    for mode in MODES {
        assert_accepted(&Suite::new(), mode).await;
    }
}

#[tokio::test]
async fn oidcc_client_test_invalid_iss() {
    assert_refuses(
        json!({ "iss": "https://auth.test/invalid" }),
        "another issuer",
    )
    .await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_aud() {
    assert_refuses(json!({ "aud": "app-invalid" }), "another client").await;
}

#[tokio::test]
async fn oidcc_client_test_missing_aud() {
    assert_refuses(json!({ "aud": null }), "no `aud`").await;
}

#[tokio::test]
async fn oidcc_client_test_missing_sub() {
    assert_refuses(json!({ "sub": null }), "no `sub`").await;
}

#[tokio::test]
async fn oidcc_client_test_missing_iat() {
    assert_refuses(json!({ "iat": null }), "no `iat`").await;
}

#[tokio::test]
async fn oidcc_client_test_nonce_invalid() {
    assert_refuses(json!({ "nonce": "another" }), "nonce").await;
    assert_refuses(json!({ "nonce": null }), "nonce").await;
}

#[tokio::test]
async fn oidcc_client_test_invalid_athash() {
    assert_refuses(json!({ "at_hash": "AAAAAAAAAAAAAAAAAAAAAA" }), "at_hash").await;
}

fn without_kid(key: &Forge, claims: &Value) -> String {
    key.with_header(&merged(key.header(), json!({ "kid": null })), claims)
}

#[tokio::test]
async fn oidcc_client_test_kid_absent_single_jwks() {
    for mode in MODES {
        let key = Forge::rsa("k");
        let suite = Suite::with_pen(&key.twin(), move |claims| without_kid(&key, &claims));
        assert_accepted(&suite, mode).await;
    }
}

#[tokio::test]
async fn oidcc_client_test_kid_absent_multiple_jwks() {
    for mode in MODES {
        let (key, published) = (Forge::rsa("k"), Forge::rsa("k"));
        let suite = Suite::with_pen(&key.twin(), move |claims| without_kid(&key, &claims));
        suite.server.clear_faults();
        suite.publish(&[&Forge::other_rsa("other"), &published]);
        assert_refused(&suite, mode, "key").await;
    }
}

#[tokio::test]
async fn oidcc_client_test_idtoken_sig_rs256() {
    for mode in MODES {
        let key = Forge::rsa("k");
        let suite = Suite::with_pen(&key.twin(), move |claims| key.token(&claims));
        assert_accepted(&suite, mode).await;
    }
}

#[tokio::test]
async fn oidcc_client_test_idtoken_sig_none() {
    for mode in MODES {
        let suite = Suite::with_pen(&Forge::rsa("k"), |claims| {
            let header = b64(json!({ "alg": "none" }).to_string());
            format!("{header}.{}.", b64(claims.to_string()))
        });
        assert_refused(&suite, mode, "not signed").await;
    }
}

/// The token of `key` with one bit of its signature turned.
fn spoiled(key: &Forge, claims: &Value) -> String {
    let header = key.header().to_string();
    let signed = format!("{}.{}", b64(header), b64(claims.to_string()));
    let mut signature = key.sign(signed.as_bytes());
    signature[7] ^= 1;
    format!("{signed}.{}", b64(signature))
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_rs256() {
    for mode in MODES {
        let key = Forge::rsa("k");
        let suite = Suite::with_pen(&key.twin(), move |claims| spoiled(&key, &claims));
        assert_refused(&suite, mode, "signature").await;
    }
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_es256() {
    for mode in MODES {
        let (key, published) = (Forge::p256("k"), Forge::p256("k"));
        let suite = Suite::with_pen(&published, move |claims| key.token(&claims));
        assert_refused(&suite, mode, "signature").await;
    }
}

#[tokio::test]
async fn oidcc_client_test_invalid_sig_hs256() {
    for mode in MODES {
        let suite = Suite::with_pen(&Forge::rsa("k"), |claims| {
            let header = b64(json!({ "alg": "HS256", "typ": "JWT" }).to_string());
            format!("{header}.{}.{}", b64(claims.to_string()), b64([7; 32]))
        });
        assert_refused(&suite, mode, "algorithm").await;
    }
}

#[tokio::test]
async fn oidcc_client_test_userinfo_bearer_header() {
    let suite = Suite::new();
    assert_accepted(&suite, Mode::Query).await;
    let asked = suite.server.requests().pop().unwrap();
    assert_eq!(asked.path(), "/userinfo");
    let header = asked.header("authorization").unwrap();
    assert!(header.starts_with("Bearer ey"), "{header}");
    assert_eq!((asked.url().query(), asked.body().len()), (None, 0));
}

#[tokio::test]
async fn oidcc_client_test_userinfo_invalid_sub() {
    for mode in MODES {
        let suite = Suite::new();
        suite.server.fault("/userinfo", Fault::member("sub", "eve"));
        let error = Party::new(&suite, mode).complete().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{error}");
    }
}

#[tokio::test]
async fn oidcc_client_test_scope_userinfo_claims() {
    for mode in MODES {
        let suite = Suite::new();
        let claims = Fault::member("email", "ada@example.org");
        suite.server.fault("/userinfo", claims);
        let info = Party::new(&suite, mode).complete().await.unwrap();
        assert_eq!(info.get("preferred_username").unwrap(), "ada");
        assert_eq!(info.get("email").unwrap(), "ada@example.org");
        let asked = suite.server.requests();
        let page = asked.iter().find(|asked| asked.path() == "/authorize");
        let scope = page.unwrap().query("scope").unwrap();
        assert_eq!(scope, "openid profile email");
    }
}

#[tokio::test]
async fn oidcc_client_test_client_secret_basic() {
    let suite = Suite::new();
    assert_accepted(&suite, Mode::Query).await;
    let asked = suite.server.requests();
    let trade = asked.iter().find(|asked| asked.path() == "/token").unwrap();
    let header = trade.header("authorization").unwrap();
    assert!(header.starts_with("Basic "), "{header}");
    assert_eq!(trade.field("client_secret"), None);
}

#[test]
fn oidcc_client_test_form_post_error() {
    on_each_runtime(|| async {
        for (code, kind) in [
            ("login_required", ErrorKind::Interaction),
            ("access_denied", ErrorKind::Refused),
        ] {
            let suite = Suite::new();
            suite.server.set_visitor(Visitor::refuses(code));
            let party = Party::new(&suite, Mode::FormPost);
            let login = party.login_with("prompt", "none");
            let error = login.token().await.unwrap_err();
            assert_eq!((error.kind(), error.code()), (kind, Some(code)));
            assert_eq!(suite.server.count("/token"), 0);
            let asked = suite.server.requests();
            let page = asked.iter().find(|asked| asked.path() == "/authorize");
            let page = page.unwrap();
            let said = |name| page.query(name);
            assert_eq!(said("response_mode").as_deref(), Some("form_post"));
            assert_eq!(said("prompt").as_deref(), Some("none"));
            assert_eq!(said("response_type").as_deref(), Some("code"));
            assert_eq!(said("code_challenge_method").as_deref(), Some("S256"));
            assert!(said("state").is_some() && said("nonce").is_some());
        }
    });
}
