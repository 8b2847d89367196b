//! A person's login with PKCE, and how it goes on.

use std::sync::Arc;

use auth_core::{ClientAuth, TokenSource};
use secrecy::SecretString;

use super::server::{Server, desktop};

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance idpyoidc"]
async fn a_login_of_a_public_and_of_a_confidential_client_renews() {
    let server = Server::at_hand();
    let app = ClientAuth::basic("app", SecretString::from("a-secret-of-the-app"));
    for client in [desktop(), app] {
        let source = server.logged_in(client).await;
        let mut token = source.token().await.unwrap();
        for _ in 0..2 {
            let next = source.renew().await.unwrap();
            assert!(!next.is_same(&token));
            token = next;
        }
        assert!(source.refresh_token().await.unwrap().is_some());
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance idpyoidc"]
async fn userinfo_is_about_the_person_who_logged_in() {
    let server = Server::at_hand();
    let source = server.logged_in(desktop()).await;
    let login = source.id_token().await.unwrap().unwrap();
    let info = server
        .provider()
        .user_info(Arc::new(source), &login)
        .await
        .unwrap();
    assert_eq!(info.get("preferred_username").unwrap(), "diana");
}
