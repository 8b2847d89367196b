//! A program's own tokens.

use std::sync::Arc;

use auth_core::assertion::{Algorithm, Assertion, SigningKey};
use auth_core::{ClientAuth, ErrorKind, TokenSource};
use insta::assert_snapshot;
use secrecy::SecretString;

use crate::keycloak::real::server::{Server, claims};

const SECRET: &str = "s3cret+/%&: ü";

fn signer(client: &str, key: &str) -> ClientAuth {
    let key = SigningKey::new(SecretString::from(key));
    let key = match client {
        "robot-rs256" => key.with_algorithm(Algorithm::Rs256),
        _ => key,
    };
    ClientAuth::assertion(client, Arc::new(Assertion::new(client, key)))
}

const RSA: &str = include_str!("../../../jwt_bearer/keys/rsa.jwk.json");
const EC: &str = include_str!("../../../jwt_bearer/keys/ec.jwk.json");

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_secret_of_any_characters_arrives_in_header_and_body() {
    let server = Server::at_hand();
    let realm = server.realm("steady");
    for client in [
        ClientAuth::basic("robot", SecretString::from(SECRET)),
        ClientAuth::body("robot", SecretString::from(SECRET)),
    ] {
        let source = realm.service(client);
        let token = source.token().await.unwrap();
        assert_eq!(claims(token.expose_secret())["azp"], "robot");
        assert!(source.refresh_token().await.unwrap().is_none());
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_signed_assertion_stands_in_for_the_secret() {
    let server = Server::at_hand();
    let realm = server.realm("steady").with_scopes(["openid"]);
    for client in [signer("robot-rs256", RSA), signer("robot-es256", EC)] {
        let id = client.id().to_owned();
        let source = realm.service(client);
        for _ in 0..2 {
            let token = source.renew().await.unwrap();
            assert_eq!(claims(token.expose_secret())["azp"], *id);
        }
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_refused_client_is_told_what_to_check() {
    let server = Server::at_hand();
    let realm = server.realm("steady");
    let mut said = Vec::new();
    for client in [
        ClientAuth::basic("robot", SecretString::from("wrong")),
        ClientAuth::body("robot", SecretString::from("wrong")),
        ClientAuth::body("nobody", SecretString::from("s")),
        ClientAuth::public("jobs"),
        ClientAuth::body("resource-api", SecretString::from("resource-secret")),
        signer("robot-es256", RSA),
    ] {
        let error = realm.service(client).token().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        let place = error.to_string().find(" refused").unwrap();
        said.push(error.to_string()[place..].to_owned());
    }
    assert_snapshot!(said.join("\n"), @r"
    refused: unauthorized_client: Invalid client or Invalid client credentials; check the client id and its secret or key
    refused: unauthorized_client: Invalid client or Invalid client credentials; check the client id and its secret or key
    refused: invalid_client: Invalid client or Invalid client credentials; check the client id and its secret or key; the client was named by `client_secret_post`
    refused: unauthorized_client: Public client not allowed to retrieve service account; turn on client authentication and the service account of this client at the server
    refused: unauthorized_client: Client not enabled to retrieve service account; turn on client authentication and the service account of this client at the server
    refused: invalid_client: Invalid signature algorithm; sign with the algorithm that the server has for this client
    ");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_scope_that_the_client_has_not_is_refused_as_such() {
    let server = Server::at_hand();
    let realm = server.realm("steady").with_scopes(["no-such-scope"]);
    let source = realm.service(ClientAuth::basic("robot", SecretString::from(SECRET)));
    let error = source.token().await.unwrap_err();
    assert!(error.is_refusal("invalid_scope"), "{error}");
}
