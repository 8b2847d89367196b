//! A login in the browser, and refresh tokens that work once.

use auth_core::endpoint::Form;
use auth_core::session::Held;
use auth_core::{ErrorKind, TokenSource};
use url::Url;

use super::server::{SCOPES, Server};

/// One after the other: the server knows one redirect URI with its port.
#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance glewlwyd"]
async fn a_login_renews_with_refresh_tokens_that_work_once() {
    let server = Server::at_hand();
    let source = server.login();
    source.token().await.unwrap();
    let first = source.refresh_token().await.unwrap().unwrap();
    for _ in 0..3 {
        source.renew().await.unwrap();
    }
    let last = source.refresh_token().await.unwrap().unwrap();
    assert!(!last.is_same(&first));

    // Whoever uses an old one again is refused without a word, and the login is over.
    let endpoint = server.desktop();
    for token in [&first, &last] {
        let error = endpoint
            .refresh(&Held::new(), token, &[])
            .await
            .unwrap_err();
        assert_eq!(
            (error.kind(), error.status()),
            (ErrorKind::Refused, Some(400)),
            "{error}"
        );
    }
    let error = source.renew().await.unwrap_err();
    assert!(error.to_string().contains("log in again"), "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance glewlwyd"]
async fn a_code_works_once_and_the_server_has_a_word_of_its_own_for_that() {
    let server = Server::at_hand();
    let redirect = std::env::var("AUTH_GLEWLWYD_CALLBACK").unwrap();
    let scope = SCOPES.join(" ");
    let parameters = [
        ("response_type", "code"),
        ("client_id", "desktop"),
        ("redirect_uri", &redirect),
        ("scope", &scope),
        ("nonce", "n"),
        ("state", "s"),
    ];
    let page = Url::parse_with_params(&format!("{}/auth", server.issuer()), parameters).unwrap();
    let back = server.allowed(page.as_str()).await;
    let code = back.query_pairs().find(|(name, _)| name == "code").unwrap();
    let form = || {
        Form::new("authorization_code")
            .with_secret("code", code.1.to_string().into())
            .with("redirect_uri", &redirect)
            .once()
    };
    let endpoint = server.desktop();
    endpoint.request(&Held::new(), form()).await.unwrap();
    let error = endpoint.request(&Held::new(), form()).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code()),
        (ErrorKind::Refused, Some("invalid_code"))
    );
}
