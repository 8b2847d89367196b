//! A program's own tokens, and what becomes of them.

use auth_core::{CachedSource, ClientAuth, ClientCredentials, ErrorKind, TokenSource};
use secrecy::SecretString;

use super::server::Server;

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance glewlwyd"]
async fn a_token_whose_type_is_in_lower_case_is_a_bearer_token() {
    let server = Server::at_hand();
    let body = ClientAuth::body("robot", SecretString::from("a-secret-of-the-robot"));
    for endpoint in [server.robot(), server.endpoint(body, server.io())] {
        let grant = ClientCredentials::new(endpoint).with_scopes(["api.read"]);
        let source = CachedSource::new(grant, server.io());
        source.token().await.unwrap();
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance glewlwyd"]
async fn a_wrong_secret_is_refused_without_a_word_and_we_still_say_what_to_do() {
    let server = Server::at_hand();
    let endpoint = server.endpoint(
        ClientAuth::basic("robot", SecretString::from("wrong")),
        server.io(),
    );
    let grant = ClientCredentials::new(endpoint).with_scopes(["api.read"]);
    let source = CachedSource::new(grant, server.io());
    let error = source.token().await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status()),
        (ErrorKind::Refused, Some(403))
    );
    assert!(error.to_string().contains("check the client"), "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance glewlwyd"]
async fn a_token_is_active_until_it_is_revoked() {
    let server = Server::at_hand();
    let endpoint = server.robot();
    let grant = ClientCredentials::new(endpoint.clone()).with_scopes(["api.read"]);
    let token = CachedSource::new(grant, server.io()).token().await.unwrap();
    let secret = SecretString::from(token.expose_secret().to_owned());
    let known = endpoint.introspect(&secret).await.unwrap();
    assert!(known.is_active());
    assert_eq!(known.scopes().collect::<Vec<_>>(), ["api.read"]);
    endpoint.revoke_access(&token).await.unwrap();
    assert!(!endpoint.introspect(&secret).await.unwrap().is_active());
}
