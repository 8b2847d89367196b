//! The server's own word about its endpoints.

use auth_core::{ClientAuth, TokenSource};

use crate::keycloak::real::server::Server;

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn the_server_names_the_endpoints_that_follow_from_its_address() {
    let server = Server::at_hand();
    let realm = server.realm("steady");
    let ours = realm.provider().metadata().await.unwrap();
    let realm = realm.with_discovery();
    let theirs = realm.provider().metadata().await.unwrap();
    assert_eq!(ours.issuer, theirs.issuer);
    assert_eq!(ours.token_endpoint, theirs.token_endpoint);
    assert_eq!(ours.authorization_endpoint, theirs.authorization_endpoint);
    assert_eq!(
        ours.device_authorization_endpoint,
        theirs.device_authorization_endpoint
    );
    assert_eq!(ours.revocation_endpoint, theirs.revocation_endpoint);
    assert_eq!(ours.introspection_endpoint, theirs.introspection_endpoint);
    assert_eq!(ours.userinfo_endpoint, theirs.userinfo_endpoint);
    assert_eq!(ours.end_session_endpoint, theirs.end_session_endpoint);
    assert_eq!(ours.jwks_uri, theirs.jwks_uri);

    let given = server.session("steady").await;
    let source = realm.offline(ClientAuth::public("jobs"), given);
    source.token().await.unwrap();
}
