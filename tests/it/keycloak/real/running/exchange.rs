//! A token of one client, traded for a token of another; and tokens that are looked up or revoked.

use std::sync::Arc;

use auth_core::{CachedSource, ClientAuth, ErrorKind, TokenSource};
use insta::assert_snapshot;
use secrecy::SecretString;
use serde_json::{Value, json};

use super::home::Home;
use crate::keycloak::real::server::{Server, claims, refresh_token};

fn exchanger() -> ClientAuth {
    ClientAuth::body("exchanger", SecretString::from("exchanger-secret"))
}

/// Ada's tokens, as a service has them that may trade them.
async fn ada(server: &Server) -> CachedSource {
    let form = [
        ("grant_type", "password"),
        ("client_id", "exchanger"),
        ("client_secret", "exchanger-secret"),
        ("username", "ada"),
        ("password", "pw"),
        ("scope", "openid"),
    ];
    let answer = server.post("steady", "token", &form).await;
    server
        .realm("steady")
        .offline(exchanger(), refresh_token(&answer.body))
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_persons_token_is_traded_for_one_for_an_api() {
    let server = Server::at_hand();
    let ada = ada(&server).await;
    let subject = claims(ada.token().await.unwrap().expose_secret())["sub"].clone();
    let source = server
        .realm("steady")
        .exchange(exchanger(), Arc::new(ada), "resource-api")
        .unwrap();
    for _ in 0..2 {
        let token = source.renew().await.unwrap();
        let claims = claims(token.expose_secret());
        assert_eq!(
            (&claims["aud"], &claims["sub"]),
            (&"resource-api".into(), &subject)
        );
    }
}

/// The server has them in an order of its own.
fn sorted(mut audience: Value) -> Value {
    let several = audience.as_array_mut().unwrap();
    several.sort_by_key(ToString::to_string);
    audience
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_persons_token_is_traded_for_one_for_several_apis_or_for_none() {
    let server = Server::at_hand();
    let ada = Arc::new(ada(&server).await);
    let trade = async |audiences: &[&str]| {
        let grant = server
            .realm("steady")
            .exchange_grant(exchanger(), ada.clone());
        let grant = audiences.iter().fold(grant.unwrap(), |grant, audience| {
            grant.with_parameter("audience", *audience)
        });
        CachedSource::new(grant, server.io()).token().await
    };
    let token = trade(&["resource-api", "exchanger"]).await.unwrap();
    let audience = claims(token.expose_secret())["aud"].clone();
    assert_eq!(sorted(audience), json!(["exchanger", "resource-api"]));
    let error = trade(&["resource-api", "robot"]).await.unwrap_err();
    assert!(error.message().contains("not available: robot"), "{error}");
    let error = trade(&["resource-api", "nobody"]).await.unwrap_err();
    assert!(error.message().contains("Audience not found"), "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn an_id_token_comes_as_a_token_of_no_type() {
    let server = Server::at_hand();
    let subject = Arc::new(ada(&server).await);
    let realm = server.realm("steady").with_scopes(["openid"]);
    let grant = realm
        .exchange_grant(exchanger(), subject)
        .unwrap()
        .with_parameter(
            "requested_token_type",
            "urn:ietf:params:oauth:token-type:id_token",
        );
    let source = CachedSource::new(grant, server.io());
    let token = source.token().await.unwrap();
    assert_eq!(claims(token.expose_secret())["typ"], "ID");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn an_exchange_that_is_not_allowed_says_why() {
    let server = Server::at_hand();
    let realm = server.realm("steady");
    let mut said = Vec::new();
    for (client, audience) in [
        (exchanger(), "nobody"),
        (exchanger(), "robot"),
        (
            ClientAuth::body("resource-api", SecretString::from("resource-secret")),
            "exchanger",
        ),
        (ClientAuth::public("jobs"), "resource-api"),
    ] {
        let subject = Arc::new(ada(&server).await);
        let error = realm
            .exchange(client, subject, audience)
            .unwrap()
            .token()
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
        let text = error.to_string();
        said.push(text[text.find("refused").unwrap()..].to_owned());
    }
    assert_snapshot!(said.join("\n"), @r"
    refused: invalid_client: Audience not found; check the audience: the server knows no such client
    refused: invalid_request: Requested audience not available: robot; let this client ask for that audience at the server, by a scope or a mapper
    refused: access_denied: Client not allowed to exchange; turn on standard token exchange for this client at the server
    refused: access_denied: Client is not the holder of the token; the traded token must be for this client: add the client to its audience at the server
    ");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn a_token_is_looked_up_by_whom_it_is_for_and_by_nobody_else() {
    let server = Server::at_hand();
    let ada = ada(&server).await;
    let realm = server.realm("steady");
    let token = realm
        .exchange(exchanger(), Arc::new(ada), "resource-api")
        .unwrap()
        .token()
        .await
        .unwrap();
    let token = token.expose_secret().into();
    let api = realm.endpoint(ClientAuth::body(
        "resource-api",
        SecretString::from("resource-secret"),
    ));
    let known = api.introspect(&token).await.unwrap();
    assert!(known.is_active() && known.expires_at().is_some());
    assert_eq!(known.get("client_id"), Some(&"exchanger".into()));
    let other = realm
        .endpoint(exchanger())
        .introspect(&token)
        .await
        .unwrap();
    assert!(!other.is_active(), "it is not for this client");
    assert!(!api.introspect(&"garbage".into()).await.unwrap().is_active());
    let wrong = realm.endpoint(ClientAuth::body(
        "resource-api",
        SecretString::from("wrong"),
    ));
    let error = wrong.introspect(&token).await.unwrap_err();
    assert!(error.is_refusal("invalid_client"), "{error}");
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn revoking_the_refresh_token_ends_the_login() {
    let server = Server::at_hand();
    for given in [
        server.session("steady").await,
        server.offline_token("steady").await,
    ] {
        let client = ClientAuth::public("jobs");
        let realm = server.realm("steady");
        let source = realm.offline(client.clone(), given.clone());
        let token = source.token().await.unwrap();
        let kept = source.refresh_token().await.unwrap().unwrap();
        let endpoint = realm.endpoint(client.clone());
        endpoint.revoke(&kept).await.unwrap();
        assert_eq!(
            server
                .userinfo("steady", token.expose_secret())
                .await
                .status,
            401
        );
        let error = source.renew().await.unwrap_err();
        assert!(error.is_refusal("invalid_grant"), "{error}");
        endpoint.revoke(&kept).await.expect("twice is once");
        let other = realm.endpoint(ClientAuth::public("jobs-too"));
        let given = server.session("steady").await;
        let error = other.revoke(&given).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    }
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn revoking_an_access_token_leaves_the_login() {
    let server = Server::at_hand();
    let given = server.session("steady").await;
    let realm = server.realm("steady");
    let source = realm.offline(ClientAuth::public("jobs"), given);
    let token = source.token().await.unwrap();
    realm
        .endpoint(ClientAuth::public("jobs"))
        .revoke_access(&token)
        .await
        .unwrap();
    assert_eq!(
        server
            .userinfo("steady", token.expose_secret())
            .await
            .status,
        401
    );
    source.renew().await.unwrap();
}

#[tokio::test]
#[ignore = "needs a server: cargo xtask conformance keycloak"]
async fn the_program_trades_the_token_of_another_profile() {
    let home = Home::at_hand("steady");
    let (subject, _) = home.run(&["token", "service"], 0);
    let (token, _) = home.run(&["token", "traded"], 0);
    let (subject, token) = (claims(subject.trim()), claims(token.trim()));
    assert_eq!(token["aud"], "resource-api");
    assert_eq!(token["sub"], subject["sub"]);
    let several = [
        "token",
        "traded",
        "--audience=resource-api",
        "--audience=exchanger",
    ];
    let (both, _) = home.run(&several, 0);
    assert_eq!(
        sorted(claims(both.trim())["aud"].clone()),
        json!(["exchanger", "resource-api"])
    );
    let (status, _) = home.run(&["status"], 0);
    assert!(
        status.contains("service: ") && status.contains("traded: "),
        "{status}"
    );
    home.run(&["logout", "traded"], 0);
    home.run(&["token", "service"], 0);
}
