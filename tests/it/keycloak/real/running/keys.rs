//! A realm that changes its signing key while people are logged in.

use auth_core::ClientAuth;
use http::Method;
use serde_json::json;

use crate::keycloak::real::server::{Server, header};

#[tokio::test]
async fn a_session_outlives_the_key_that_signed_its_tokens() {
    let Some(server) = Server::at_hand() else {
        return;
    };
    let given = server.session("steady").await;
    let source = server
        .realm("steady")
        .offline(ClientAuth::public("jobs"), given);
    let before = source.renew().await.unwrap();
    let realm = server.manage(Method::GET, "steady", None).await.body;
    let key = json!({
        "name": "newer", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider",
        "parentId": realm["id"], "config": { "priority": ["200"], "enabled": ["true"], "active": ["true"] },
    });
    server
        .manage(Method::POST, "steady/components", Some(key))
        .await;
    let after = source.renew().await.unwrap();
    let kid = |token: &auth_core::AccessToken| header(token.expose_secret())["kid"].clone();
    assert_ne!(kid(&before), kid(&after));
    for token in [before, after] {
        assert_eq!(
            server
                .userinfo("steady", token.expose_secret())
                .await
                .status,
            200
        );
    }
}
