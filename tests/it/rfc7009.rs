//! RFC 7009, token revocation, as a client asks for it.

use auth_core::{ClientAuth, ErrorKind, Provider, RefreshToken, TokenEndpoint, TokenSource};
use auth_testkit::{Client, Fault};
use secrecy::SecretString;

use crate::world::World;

impl World {
    /// The token endpoint of a server that is found by its issuer, with all that its metadata names.
    pub fn found(&self, client: ClientAuth) -> TokenEndpoint {
        let provider = Provider::new(self.server.issuer(), self.io()).unwrap();
        TokenEndpoint::discovered(provider, client)
    }

    fn desktop(&self) -> TokenEndpoint {
        self.found(ClientAuth::public("desktop"))
    }
}

#[tokio::test(start_paused = true)]
async fn s2_1_a_refresh_token_is_posted_with_its_hint_and_the_login_ends() {
    let world = World::new();
    let token = world.server.login("desktop", "ada", &["read"]);
    world.desktop().revoke(&token).await.unwrap();
    assert!(!world.server.is_live(&token));
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(sent.path(), "/revoke");
    assert_eq!(sent.field("token").as_deref(), Some(token.expose_secret()));
    assert_eq!(
        sent.field("token_type_hint").as_deref(),
        Some("refresh_token")
    );
    assert_eq!(sent.field("client_id").as_deref(), Some("desktop"));
}

#[tokio::test(start_paused = true)]
async fn s2_1_the_client_proves_itself_as_at_the_token_endpoint() {
    let world = World::new();
    let token = world.robot().token().await.unwrap();
    let endpoint = world.found(ClientAuth::basic("robot", SecretString::from("s3cret")));
    endpoint.revoke_access(&token).await.unwrap();
    assert!(
        !world.server.revoke(token.expose_secret()),
        "it is worthless"
    );
    let wrong = world.found(ClientAuth::basic("robot", SecretString::from("canary")));
    let error = wrong.revoke_access(&token).await.unwrap_err();
    assert!(error.is_refusal("invalid_client"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn s2_1_the_token_of_another_client_is_left_alone() {
    let world = World::new();
    world.server.add_client(Client::public("other"));
    let token = world.server.login("desktop", "ada", &["read"]);
    let other = world.found(ClientAuth::public("other"));
    assert_eq!(
        other.revoke(&token).await.unwrap_err().kind(),
        ErrorKind::Refused
    );
    assert!(world.server.is_live(&token));
}

#[tokio::test(start_paused = true)]
async fn s2_2_a_token_that_the_server_does_not_know_is_worthless_already() {
    let world = World::new();
    let unknown = RefreshToken::new("unknown".to_owned());
    world.desktop().revoke(&unknown).await.unwrap();
    // Some servers say so in the body of a success.
    world
        .server
        .fault("/revoke", Fault::refusal(200, "invalid_token"));
    world.desktop().revoke(&unknown).await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn s2_2_who_refuses_with_a_success_or_shows_a_page_has_revoked_nothing() {
    let world = World::new();
    let token = world.server.login("desktop", "ada", &["read"]);
    for (answer, kind) in [
        (
            Fault::refusal(200, "unsupported_token_type"),
            ErrorKind::Refused,
        ),
        (Fault::refusal(200, "server_error"), ErrorKind::Unavailable),
        (
            Fault::status(200).with_body("text/html", " <html>log in"),
            ErrorKind::Protocol,
        ),
    ] {
        world.server.clear_faults();
        world.server.fault("/revoke", answer.always());
        let error = world.desktop().revoke(&token).await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert!(
            error.advice().is_some() && world.server.is_live(&token),
            "{error}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn s2_2_1_a_server_that_is_busy_is_asked_again() {
    let world = World::new();
    let token = world.server.login("desktop", "ada", &["read"]);
    world.server.fault("/revoke", Fault::status(503).times(2));
    world.desktop().revoke(&token).await.unwrap();
    assert_eq!(world.server.count("/revoke"), 3);
    world.server.fault("/revoke", Fault::status(503).always());
    let error = world.desktop().revoke(&token).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
}

#[tokio::test(start_paused = true)]
async fn s19_a_redirect_is_not_followed() {
    let world = World::new();
    let token = world.server.login("desktop", "ada", &["read"]);
    world
        .server
        .fault("/revoke", Fault::redirect(307, "https://evil.example/take"));
    let error = world.desktop().revoke(&token).await.unwrap_err();
    assert!(error.to_string().contains("evil.example"), "{error}");
    assert_eq!(world.server.count("/take"), 0);
}

#[tokio::test(start_paused = true)]
async fn a_server_without_the_endpoint_is_a_matter_of_configuration() {
    let world = World::new();
    let token = world.server.login("desktop", "ada", &["read"]);
    let endpoint = world.endpoint(ClientAuth::public("desktop"));
    let error = endpoint.revoke(&token).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("revocation"), "{error}");
}
