//! A session that starts from a refresh token: what it survives.

use std::time::Duration;

use auth_core::{CachedSource, ClientAuth, ErrorKind, RefreshToken, TokenSource};
use insta::assert_snapshot;

use crate::keycloak::real::server::{Server, claims};

fn jobs(server: &Server, realm: &str, token: &RefreshToken) -> CachedSource {
    server
        .realm(realm)
        .offline(ClientAuth::public("jobs"), token.clone())
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_session_renews_whether_or_not_its_tokens_are_replaced() {
    let server = Server::at_hand();
    for realm in ["steady", "rotating"] {
        for given in [
            server.session(realm).await,
            server.offline_token(realm).await,
        ] {
            let source = jobs(&server, realm, &given);
            let mut tokens = Vec::new();
            for _ in 0..4 {
                let token = source.renew().await.unwrap();
                assert_eq!(
                    server.userinfo(realm, token.expose_secret()).await.status,
                    200
                );
                tokens.push(token.fingerprint().to_string());
            }
            tokens.dedup();
            assert_eq!(tokens.len(), 4, "each one is new");
            assert_eq!(server.events(realm, "REFRESH_TOKEN", &given).await, 4);
            assert_eq!(server.events(realm, "REFRESH_TOKEN_ERROR", &given).await, 0);
        }
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn an_offline_token_without_an_end_is_kept_without_one() {
    let server = Server::at_hand();
    let given = server.offline_token("steady").await;
    let folder = tempfile::tempdir().unwrap();
    let store = std::sync::Arc::new(auth_core::store::FileStore::new(
        folder.path().join("tokens"),
    ));
    let source = jobs(&server, "steady", &given).with_store(store.clone());
    source.token().await.unwrap();
    let login = auth_core::session::Login::load(&*store, source.key().session()).await;
    assert_eq!(login.unwrap().unwrap().refresh_expires_at(), None);
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_given_token_still_works_for_others_where_nothing_is_replaced() {
    let server = Server::at_hand();
    let given = server.offline_token("steady").await;
    jobs(&server, "steady", &given).token().await.unwrap();
    jobs(&server, "steady", &given).token().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn reuse_ends_the_session_and_both_sides_are_told_why() {
    let server = Server::at_hand();
    let given = server.offline_token("rotating").await;
    let careful = jobs(&server, "rotating", &given);
    let token = careful.token().await.unwrap();
    let careless = jobs(&server, "rotating", &given).token().await.unwrap_err();
    assert_eq!(careless.kind(), ErrorKind::Interaction);
    assert_eq!(careless.code(), Some("invalid_grant"));
    assert!(
        careful.token().await.unwrap().is_same(&token),
        "what works is used on"
    );
    let victim = careful.renew().await.unwrap_err();
    assert!(victim.is_refusal("invalid_grant"));
    careful.discard(&token, None);
    // Whoever was refused asks no more for five seconds.
    tokio::time::sleep(Duration::from_secs(6)).await;
    let later = careful.renew().await.unwrap_err();
    assert_eq!(later.kind(), ErrorKind::Interaction);
    let said = [careless, victim, later].map(|error| {
        let text = error.to_string();
        text[text.find("refused").unwrap_or(0)..].to_owned()
    });
    assert_snapshot!(said.join("\n"), @r"
    refused: invalid_grant: Maximum allowed refresh token reuse exceeded; this refresh token was used before, so the server ended the login: log in again, and let every program that uses the login share one token store
    refused: invalid_grant: Session doesn't have required client; the login has ended for this client, mostly because an old refresh token was used again: log in again, and let every program that uses the login share one token store
    refused: invalid_grant: Session doesn't have required client; log in again and give the new refresh token (the login has ended for this client, mostly because an old refresh token was used again: log in again, and let every program that uses the login share one token store)
    ");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn the_server_refuses_an_empty_scope_and_we_send_none() {
    let server = Server::at_hand();
    let given = server.session("steady").await;
    let form = [
        ("grant_type", "refresh_token"),
        ("client_id", "jobs"),
        ("refresh_token", given.expose_secret()),
        ("scope", ""),
    ];
    let refusal = server.post("steady", "token", &form).await;
    assert_eq!(
        (refusal.status, &refusal.body["error"]),
        (400, &"invalid_scope".into())
    );
    for scopes in [&[""][..], &["openid", "email"]] {
        let realm = server.realm("steady").with_scopes(scopes.iter().copied());
        let source = realm.offline(ClientAuth::public("jobs"), given.clone());
        source.renew().await.unwrap();
        source.renew().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_session_that_is_used_outlives_its_idle_time() {
    let server = Server::at_hand();
    let given = server.offline_token("short").await;
    let source = jobs(&server, "short", &given);
    for _ in 0..4 {
        source.renew().await.unwrap();
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
    let token = source.renew().await.unwrap();
    assert_eq!(claims(token.expose_secret())["azp"], "jobs");
}
