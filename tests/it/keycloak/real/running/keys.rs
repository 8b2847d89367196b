//! A realm that changes its signing key while people are logged in.

use auth_core::ClientAuth;

use crate::keycloak::real::server::{Server, header};

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_session_outlives_the_key_that_signed_its_tokens() {
    let server = Server::at_hand();
    let given = server.session("steady").await;
    let source = server
        .realm("steady")
        .offline(ClientAuth::public("jobs"), given);
    let before = source.renew().await.unwrap();
    server.add_key("steady", "newer", 200).await;
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
