//! `auth import`: the logins of Provena's own clients.

use auth_core::RefreshToken;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::world::{Ended, REPLACED, World, finish_with_stdin};

fn world() -> World {
    let world = World::empty();
    world.config(
        r#"
        [profile.provena-person]
        kind = "oidc"
        issuer = "ISSUER"
        client-id = "desktop"
        scope = "read"
        "#,
    );
    world
}

fn import(world: &World, file: &Value, more: &[&str]) -> Ended {
    let arguments = [&["import", "provena-person", "-"], more].concat();
    finish_with_stdin(world.auth(&arguments), &file.to_string())
}

fn log_in(world: &World, who: &str) -> RefreshToken {
    world.server.login("desktop", who, &["read"])
}

#[test]
fn the_login_of_provenaclient_goes_on_here() {
    let world = world();
    let token = log_in(&world, "ada");
    let file = json!({ "access_token": "x", "refresh_token": token.expose_secret() });
    let ended = import(&world, &file, &[]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.starts_with(REPLACED), "{}", ended.stderr);
    world.run(&["token", "provena-person"]).quiet();
    world.run(&["token", "provena-person", "--refresh"]).quiet();
    assert_eq!(world.run(&["logout", "provena-person"]).code, Some(0));
    assert!(!world.server.is_live(&token));
}

#[test]
fn of_several_stages_one_is_chosen() {
    let world = world();
    let (prod, dev) = (log_in(&world, "ada"), log_in(&world, "grace"));
    let login = |token: &RefreshToken| json!({ "refresh_token": token.expose_secret() });
    let file = json!({ "stages": { "PROD": login(&prod), "DEV": login(&dev) } });
    let ended = import(&world, &file, &[]);
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stderr.contains("--stage: DEV, PROD"),
        "{}",
        ended.stderr
    );
    assert_eq!(import(&world, &file, &["--stage", "TEST"]).code, Some(2));
    assert_eq!(import(&world, &file, &["--stage", "LAB"]).code, Some(2));
    assert_eq!(import(&world, &file, &["--stage", "DEV"]).code, Some(0));
    let sent = world.server.requests().pop().unwrap();
    assert_eq!(
        sent.field("refresh_token").as_deref(),
        Some(dev.expose_secret())
    );
}

#[test]
fn a_login_of_another_server_or_client_is_not_sent_to_this_one() {
    let world = world();
    let token = |claims: Value| {
        let payload = URL_SAFE_NO_PAD.encode(claims.to_string());
        json!({ "refresh_token": format!("e30.{payload}.x") })
    };
    let issuer = world.listening().issuer();
    for claims in [
        json!({ "iss": "https://elsewhere.example.org/auth/realms/x", "azp": "desktop" }),
        json!({ "iss": issuer, "azp": "automated-access" }),
    ] {
        let ended = import(&world, &token(claims), &[]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains("of another"), "{}", ended.stderr);
    }
    assert_eq!(world.server.count("/token"), 0);
}

#[test]
fn r14_a_login_that_cannot_be_kept_here_is_not_taken_from_the_other_client() {
    let world = world();
    std::fs::write(world.home().join("taken"), "").unwrap();
    let token = log_in(&world, "ada");
    let file = json!({ "refresh_token": token.expose_secret() });
    let ended = import(&world, &file, &["--store", "taken"]);
    assert_eq!(ended.code, Some(6), "{}", ended.stderr);
    assert_eq!(world.server.count("/token"), 0);
}

#[test]
fn what_is_no_login_is_one_line_and_what_is_dead_is_not_kept() {
    let world = world();
    let said = [json!([1]), json!({}), json!({ "access_token": "x" })]
        .map(|file| world.shown(&import(&world, &file, &[])));
    insta::assert_snapshot!(said.join("\n"));
    let dead = import(&world, &json!({ "refresh_token": "dead" }), &[]);
    assert_eq!(dead.code, Some(4), "{}", dead.stderr);
    assert_eq!(world.run(&["token", "provena-person"]).code, Some(4));
}
