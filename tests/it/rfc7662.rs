//! RFC 7662, token introspection, as a client asks for it.

use auth_core::{ClientAuth, ErrorKind, TokenSource};
use auth_testkit::Fault;
use secrecy::SecretString;

use crate::world::{HOUR, World};

const INTROSPECT: &str = "/introspect";

#[tokio::test(start_paused = true)]
async fn s2_2_a_token_that_works_is_active_and_says_what_it_is() {
    let world = World::new();
    let token = world.robot().token().await.unwrap();
    let endpoint = world.found(ClientAuth::basic("robot", SecretString::from("s3cret")));
    let secret = SecretString::from(token.expose_secret());
    let known = endpoint.introspect(&secret).await.unwrap();
    assert!(known.is_active());
    assert_eq!(known.get("sub").unwrap(), "robot");
    assert_eq!(known.scopes().collect::<Vec<_>>(), ["read", "write"]);
    assert_eq!(known.expires_at(), Some(token.expires_at()));
    world.pass(2 * HOUR).await;
    assert!(!endpoint.introspect(&secret).await.unwrap().is_active());
}

#[tokio::test(start_paused = true)]
async fn s2_2_a_token_that_the_server_does_not_know_is_not_active_and_says_nothing() {
    let world = World::new();
    let endpoint = world.found(ClientAuth::basic("robot", SecretString::from("s3cret")));
    let known = endpoint.introspect(&"unknown".into()).await.unwrap();
    assert!(!known.is_active());
    assert_eq!(known.get("sub"), None);
}

#[tokio::test(start_paused = true)]
async fn s2_3_a_client_that_is_not_believed_learns_nothing() {
    let world = World::new();
    for client in [
        ClientAuth::basic("robot", SecretString::from("wrong")),
        ClientAuth::public("desktop"),
    ] {
        let error = world.found(client).introspect(&"t".into()).await;
        assert!(error.unwrap_err().is_refusal("invalid_client"));
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_does_not_say_whether_is_an_error() {
    for fault in [
        Fault::without("active"),
        Fault::member("active", "true"),
        Fault::html(200),
        Fault::status(200),
    ] {
        let world = World::new();
        let said = format!("{fault:?}");
        world.server.fault(INTROSPECT, fault);
        let endpoint = world.found(ClientAuth::basic("robot", SecretString::from("s3cret")));
        let error = endpoint.introspect(&"t".into()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{said}");
    }
}

#[tokio::test(start_paused = true)]
async fn r2_a_server_that_is_busy_is_asked_again() {
    let world = World::new();
    world.server.fault(INTROSPECT, Fault::status(503).times(2));
    let endpoint = world.found(ClientAuth::basic("robot", SecretString::from("s3cret")));
    endpoint.introspect(&"t".into()).await.unwrap();
    assert_eq!(world.server.count(INTROSPECT), 3);
}
