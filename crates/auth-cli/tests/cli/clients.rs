//! The ways in which a client proves who it is, and refresh tokens from outside.

use crate::world::{SECRET, SPENT, World, finish};

fn world(more: &str) -> World {
    let world = World::empty();
    world.secret("lab.secret", SECRET);
    world.config(&format!(
        r#"
        [profile.lab]
        kind = "client-credentials"
        token-url = "URL/token"
        client-id = "robot"
        {more}
        "#
    ));
    world
}

#[test]
fn a_secret_alone_means_basic() {
    let world = world(r#"client-secret = { file = "lab.secret" }"#);
    world.run(&["token", "lab"]).quiet();
    let requests = world.server.requests();
    assert!(
        requests[0]
            .header("authorization")
            .unwrap()
            .starts_with("Basic ")
    );
    assert_eq!(requests[0].field("client_secret"), None);
}

#[test]
fn the_secret_can_go_into_the_body() {
    let world = world("client-auth = \"body\"\nclient-secret = { file = \"lab.secret\" }");
    world.run(&["token", "lab"]).quiet();
    let requests = world.server.requests();
    assert_eq!(requests[0].header("authorization"), None);
    assert_eq!(requests[0].field("client_secret").as_deref(), Some(SECRET));
}

#[test]
fn rfc7523_s2_2_a_key_signs_an_assertion_of_the_client() {
    let world = world("key = { file = \"lab.secret\" }\nalgorithm = \"HS256\"");
    world.run(&["token", "lab"]).quiet();
    world.run(&["token", "lab", "--refresh"]).quiet();
    let requests = world.server.requests();
    let assertion = |index: usize| requests[index].field("client_assertion").unwrap();
    assert_ne!(assertion(0), assertion(1));
}

#[test]
fn a_rotated_refresh_token_is_kept_and_the_given_one_is_not_sent_again() {
    let world = World::new();
    for _ in 0..3 {
        world.run(&["token", "ada", "--refresh"]).quiet();
    }
    let given = std::fs::read_to_string(world.config_directory().join("ada.token")).unwrap();
    let requests = world.server.requests();
    let sent = requests
        .iter()
        .filter_map(|request| request.field("refresh_token"));
    assert_eq!(sent.filter(|token| *token == given).count(), 1);
}

#[test]
fn another_given_refresh_token_is_another_login() {
    let world = World::new();
    let old = world.run(&["request", "ada", "whoami"]).quiet();
    assert!(old.contains("ada"), "{old}");
    let token = world.server.login("desktop", "grace", &["read"]);
    let mut command = world.auth(&["request", "ada", "whoami"]);
    command.env("AUTH_ADA_REFRESH_TOKEN", token.expose_secret());
    let new = finish(command).quiet();
    assert!(new.contains("grace"), "{new}");
}

#[test]
fn a_refresh_token_that_is_dead_is_refused_with_advice() {
    let world = World::new();
    world.secret("ada.token", "no such token");
    let ended = world.run(&["token", "ada"]);
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn that_a_given_refresh_token_is_spent_is_said_once() {
    let world = World::new();
    let first = world.run(&["token", "ada"]);
    assert!(first.stderr.starts_with(SPENT), "{}", first.stderr);
    assert_eq!(first.stderr.matches('\n').count(), 1, "{}", first.stderr);
    assert_eq!(world.run(&["token", "ada", "--refresh"]).stderr, "");
}

#[test]
fn r24_fewer_scopes_than_were_asked_for_are_said() {
    let world = World::new();
    let policy = auth_testkit::Policy::new().with_granted_scopes(["read"]);
    world.server.set_policy(policy);
    let ended = world.run(&["token", "lab"]);
    assert_eq!(ended.code, Some(0));
    insta::assert_snapshot!(
        ended
            .stderr
            .replace(&world.listening().issuer(), "[ISSUER]")
    );
}
