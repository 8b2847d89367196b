//! Profiles of Keycloak realms.

use crate::world::{SECRET, World};

/// A server whose endpoints lie where Keycloak has them, and a profile of each sort.
fn realm() -> World {
    let world = World::empty();
    let _ = world
        .server
        .clone()
        .with_issuer_path("/realms/lab/protocol/openid-connect");
    let offline = world.server.login("desktop", "ada", &["read"]);
    world.secret("job.secret", SECRET);
    world.secret("offline.token", offline.expose_secret());
    world.config(
        r#"
        [profile.job]
        kind = "keycloak"
        issuer = "URL/realms/lab"
        client-id = "robot"
        client-secret = { file = "job.secret" }
        scope = "read"

        [profile.ada]
        kind = "keycloak"
        issuer = "URL/realms/lab"
        client-id = "desktop"
        refresh-token = { file = "offline.token" }
        scope = "read"

        [profile.provena]
        issuer = "URL/realms/lab"
        client-id = "desktop"
        "#,
    );
    world
}

#[test]
fn a_service_of_a_realm_gets_its_token_and_no_request_is_spent_on_discovery() {
    let world = realm();
    world.run(&["token", "job"]).quiet();
    let requests = world.server.requests();
    assert_eq!(requests.len(), 1);
    assert_eq!(
        requests[0].path(),
        "/realms/lab/protocol/openid-connect/token"
    );
    assert_eq!(requests[0].field("scope").as_deref(), Some("read"));
}

#[test]
fn an_offline_token_is_refreshed_without_scopes_and_its_successor_kept() {
    let world = realm();
    world.run(&["token", "ada"]).quiet();
    world.run(&["token", "ada", "--refresh"]).quiet();
    let requests = world.server.requests();
    assert_eq!(requests.len(), 2);
    assert!(
        requests
            .iter()
            .all(|request| request.field("scope").is_none())
    );
    assert_ne!(
        requests[0].field("refresh_token"),
        requests[1].field("refresh_token")
    );
}

#[test]
fn the_offline_token_of_provena_comes_from_the_vendors_variable() {
    let world = realm();
    let offline = world.server.login("desktop", "ada", &["read"]);
    let run = |token: Option<&str>| {
        let mut command = world.auth(&["token", "provena"]);
        command.envs(token.map(|token| ("PROVENA_OFFLINE_TOKEN", token)));
        crate::world::finish(command)
    };
    run(Some(offline.expose_secret())).quiet();
    let ended = run(None);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("PROVENA_OFFLINE_TOKEN"),
        "{}",
        ended.stderr
    );
}

#[test]
fn what_is_no_realm_is_one_line() {
    let world = World::empty();
    world.config(
        "[profile.job]\nkind = \"keycloak\"\nissuer = \"https://login.example.org\"\nclient-id = \"x\"",
    );
    let ended = world.run(&["token", "job"]);
    assert_eq!(ended.code, Some(2));
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    assert!(ended.stderr.contains("config.toml:3"), "{}", ended.stderr);
}
