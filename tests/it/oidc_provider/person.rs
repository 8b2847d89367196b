//! A person's login, and a session whose refresh tokens can be used once.

use std::sync::Arc;

use auth_core::grant::GivenRefreshToken;
use auth_core::prompt::{Echo, UserCode};
use auth_core::{
    BoxFuture, CachedSource, ClientAuth, DeviceCode, Error, ErrorKind, Prompt, RefreshToken,
    Refreshing, Result, TokenSource,
};
use secrecy::{ExposeSecret, SecretString};

use super::server::Server;
use crate::browser::Browser;

/// A person who goes to the page and enters the code, or refuses.
#[derive(Clone)]
struct Person {
    server: Server,
    allows: bool,
}

impl std::fmt::Debug for Person {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Person")
    }
}

impl Prompt for Person {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { Err(Error::interaction(question)) })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let mut browser = Browser::new(self.server.http.clone());
            let page = browser.open(code.page()).await;
            let page = browser.fill(&page, &[("user_code", code.code())]).await;
            assert!(page.text.contains(code.code()), "{page:?}");
            if !self.allows {
                browser.fill(&page, &[("abort", "yes")]).await;
                return Ok(());
            }
            let login = browser.fill(&page, &[("confirm", "yes")]).await;
            assert!(login.has("password"), "{login:?}");
            let consent = browser
                .fill(&login, &[("login", "ada"), ("password", "pw")])
                .await;
            let end = browser.fill(&consent, &[]).await;
            assert!(end.text.contains("Success"), "{end:?}");
            Ok(())
        })
    }
}

fn login(server: &Server, allows: bool) -> CachedSource {
    let endpoint = server.endpoint(ClientAuth::public("desktop"));
    let person = Arc::new(Person {
        server: server.clone(),
        allows,
    });
    let device =
        DeviceCode::new(endpoint.clone(), person).with_scopes(["openid", "offline_access"]);
    CachedSource::new(Refreshing::new(endpoint, device), server.io())
}

fn given(server: &Server, token: &RefreshToken) -> CachedSource {
    let endpoint = server.endpoint(ClientAuth::public("desktop"));
    CachedSource::new(GivenRefreshToken::new(endpoint, token), server.io())
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_code_without_an_interval_is_entered_and_its_session_renews() {
    let server = Server::at_hand();
    let source = login(&server, true);
    source.token().await.unwrap();
    let mut kept = source.refresh_token().await.unwrap().unwrap();
    for _ in 0..3 {
        source.renew().await.unwrap();
        let next = source.refresh_token().await.unwrap().unwrap();
        assert!(!next.is_same(&kept), "each is used once");
        kept = next;
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_code_that_is_refused_says_so() {
    let server = Server::at_hand();
    let error = login(&server, false).token().await.unwrap_err();
    assert!(error.is_refusal("access_denied"), "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_refresh_token_that_is_used_twice_ends_the_session() {
    let server = Server::at_hand();
    let source = login(&server, true);
    source.token().await.unwrap();
    let stolen = source.refresh_token().await.unwrap().unwrap();
    source.renew().await.unwrap();
    let thief = given(&server, &stolen).token().await.unwrap_err();
    assert_eq!(thief.kind(), ErrorKind::Interaction, "{thief}");
    assert_eq!(thief.code(), Some("invalid_grant"), "{thief}");
    let victim = source.renew().await.unwrap_err();
    assert!(victim.is_refusal("invalid_grant"), "{victim}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn tokens_are_looked_up_and_revoked() {
    let server = Server::at_hand();
    let source = login(&server, true);
    let token = source.token().await.unwrap();
    let kept = source.refresh_token().await.unwrap().unwrap();
    let endpoint = server.endpoint(ClientAuth::public("desktop"));
    let secret = SecretString::from(kept.expose_secret());
    assert!(!secret.expose_secret().is_empty());
    assert!(endpoint.introspect(&secret).await.unwrap().is_active());
    assert!(
        endpoint
            .introspect(&token.expose_secret().into())
            .await
            .unwrap()
            .is_active()
    );
    endpoint.revoke(&kept).await.unwrap();
    assert!(!endpoint.introspect(&secret).await.unwrap().is_active());
    let error = source.renew().await.unwrap_err();
    assert!(error.is_refusal("invalid_grant"), "{error}");
}
