//! Discovery, and a program's own tokens.

use auth_core::{CachedSource, ClientAuth, ClientCredentials, ErrorKind, Provider, TokenSource};
use secrecy::SecretString;

use super::server::Server;

const SECRET: &str = "s3cret+/%&: x";

fn service(server: &Server, client: ClientAuth) -> CachedSource {
    let grant = ClientCredentials::new(server.endpoint(client)).with_scopes(["read"]);
    CachedSource::new(grant, server.io())
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn an_issuer_with_a_path_is_found_and_spelled_exactly() {
    let server = Server::at_hand();
    let metadata = server.provider().metadata().await.unwrap();
    assert_eq!(metadata.issuer, server.issuer);
    assert!(metadata.device_authorization_endpoint.is_some());
    let other = Provider::new(format!("{}/", server.issuer), server.io()).unwrap();
    let error = other.metadata().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_secret_of_any_characters_arrives_in_header_and_body() {
    let server = Server::at_hand();
    for client in [
        ClientAuth::basic("robot", SecretString::from(SECRET)),
        ClientAuth::body("robot-body", SecretString::from(SECRET)),
    ] {
        let token = service(&server, client).token().await.unwrap();
        assert_eq!(token.scope(), Some("read"));
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn rfc8707_s2_a_server_whose_tokens_are_for_one_resource_says_so_and_what_to_do() {
    let server = Server::at_hand();
    let client = ClientAuth::basic("robot", SecretString::from(SECRET));
    let grant = ClientCredentials::new(server.endpoint(client))
        .with_parameter("resource", "urn:api:RS256")
        .with_parameter("resource", "urn:api:ES256");
    let error = CachedSource::new(grant, server.io()).token().await;
    let error = error.unwrap_err();
    assert!(error.is_refusal("invalid_target"), "{error}");
    assert!(error.advice().unwrap().contains("ask for one"), "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance oidc-provider"]
async fn a_wrong_secret_is_refused_with_advice() {
    let server = Server::at_hand();
    let error = service(
        &server,
        ClientAuth::basic("robot", SecretString::from("wrong")),
    )
    .token()
    .await
    .unwrap_err();
    assert!(error.is_refusal("invalid_client"), "{error}");
    assert!(error.advice().unwrap().contains("secret"), "{error}");
}
