//! Profiles that trade the token of another one (RFC 8693).

use auth_testkit::Client;
use serde_json::Value;

use crate::login::{let_in, logged_in};
use crate::section::{PERSON, lab};
use crate::world::{Ended, SECRET, World, finish_with_stdin};

/// A person, a robot, and an API that takes what either has been traded for.
fn world() -> World {
    let world = crate::login::world();
    world
        .server
        .add_client(Client::confidential("middle", SECRET));
    world.secret("middle.secret", SECRET);
    world.secret("lab.secret", SECRET);
    let robot = lab(r#"{ file = "lab.secret" }"#).replace("profile.lab", "profile.robot");
    let traded = r#"
        [profile.api]
        kind = "token-exchange"
        issuer = "ISSUER"
        client-id = "middle"
        client-secret = { file = "middle.secret" }
        subject = "person"
        audience = "highway"
        resource = "https://api.example"
        scope = "read"

        [profile.acting]
        kind = "token-exchange"
        issuer = "ISSUER"
        client-id = "middle"
        client-secret = { file = "middle.secret" }
        subject-token = { file = "given" }
        actor = "robot"
        requested-token-type = "access-token"
        "#;
    world.config(&[PERSON, &robot, traded].concat());
    world
}

fn claims(world: &World, token: &str) -> Value {
    let seen = finish_with_stdin(world.auth(&["inspect"]), token);
    serde_json::from_str::<Value>(&seen.stdout).unwrap()["claims"].clone()
}

#[track_caller]
fn ends(ended: &Ended, code: i32, parts: &[&str]) {
    assert_eq!(ended.code, Some(code), "{}", ended.stderr);
    assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    for part in parts {
        assert!(ended.stderr.contains(part), "{part}: {}", ended.stderr);
    }
}

#[test]
fn the_login_is_the_subjects_and_the_token_is_for_the_api() {
    let world = world();
    ends(
        &world.run(&["token", "api"]),
        4,
        &["`person`", "run `auth login person`"],
    );
    ends(
        &world.run(&["login", "api"]),
        2,
        &["nobody logs in", "`auth login person`"],
    );
    let listed: Value = serde_json::from_str(&world.run(&["profiles", "--json"]).stdout).unwrap();
    let api = |listed: &Value| {
        let all = listed["profiles"].as_array().cloned();
        let all = all.or_else(|| listed.as_array().cloned()).unwrap();
        all.into_iter().find(|one| one["name"] == "api").unwrap()
    };
    assert_eq!(api(&listed)["logged_in"], false, "{listed}");
    logged_in(&world);
    let token = world.run(&["token", "api"]).quiet();
    let said = claims(&world, &token);
    assert_eq!(
        (&said["sub"], &said["client_id"]),
        (&"ada".into(), &"middle".into())
    );
    let sent = world.server.requests().pop().unwrap();
    for (name, value) in [
        (
            "grant_type",
            "urn:ietf:params:oauth:grant-type:token-exchange",
        ),
        (
            "subject_token_type",
            "urn:ietf:params:oauth:token-type:access_token",
        ),
        ("audience", "highway"),
        ("resource", "https://api.example"),
        ("scope", "read"),
    ] {
        assert_eq!(sent.field(name).as_deref(), Some(value), "{name}");
    }
    let before = world.server.requests().len();
    assert_eq!(world.run(&["token", "api"]).quiet(), token);
    assert_eq!(world.server.requests().len(), before, "it is kept");
    let listed: Value = serde_json::from_str(&world.run(&["profiles", "--json"]).stdout).unwrap();
    assert_eq!(api(&listed)["ready"], true, "{listed}");
}

#[test]
fn they_are_two_logins_and_each_is_shown_and_ended_by_itself() {
    let world = world();
    logged_in(&world);
    let first = world.run(&["token", "api"]).quiet();
    let status = world.run(&["status"]).stdout;
    assert!(
        status.contains("person: ada at") && status.contains("api: "),
        "{status}"
    );
    let ended = world.run(&["logout", "api"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let status = world.run(&["status"]).stdout;
    assert!(
        status.contains("person: ada at") && !status.contains("api: "),
        "{status}"
    );
    let second = world.run(&["token", "api"]).quiet();
    assert_ne!(first, second);
    // Where the subject is logged out, nothing new is traded for it.
    assert_eq!(world.run(&["logout", "person"]).code, Some(0));
    ends(
        &world.run(&["token", "api", "--refresh"]),
        4,
        &["run `auth login person`"],
    );
}

#[test]
fn the_account_is_the_subjects() {
    let world = world();
    let line = ["login", "person", "--device-code", "--account", "work"];
    assert_eq!(let_in(&world, &line).wait().unwrap().code(), Some(0));
    ends(
        &world.run(&["token", "api"]),
        4,
        &["run `auth login person`", "kept: --account work"],
    );
    world.run(&["token", "api", "--account", "work"]).quiet();
    let missing = world.run(&["token", "api", "--account", "home"]);
    ends(&missing, 4, &["run `auth login person --account home`"]);
}

#[test]
fn a_given_token_is_traded_and_who_acts_for_it_is_named() {
    let world = world();
    ends(
        &world.run(&["token", "acting"]),
        2,
        &["`subject-token` of profile `acting`"],
    );
    logged_in(&world);
    let subject = world.run(&["token", "person"]).quiet();
    world.secret("given", &subject);
    let token = world.run(&["token", "acting"]).quiet();
    let said = claims(&world, &token);
    assert_eq!(
        (&said["sub"], &said["act"]["sub"]),
        (&"ada".into(), &"robot".into())
    );
    let sent = world.server.requests().pop().unwrap();
    let wanted = "urn:ietf:params:oauth:token-type:access_token";
    assert_eq!(sent.field("requested_token_type").as_deref(), Some(wanted));
    assert_eq!(sent.field("subject_token").as_deref(), Some(subject.trim()));
}

#[test]
fn a_profile_that_does_not_add_up_is_named_with_its_line() {
    let world = world();
    let path = world.config_directory().join("config.toml");
    let config = std::fs::read_to_string(&path).unwrap();
    for (from, to, parts) in [
        (
            "subject = \"person\"",
            "subject = \"nobody\"",
            &["`subject`", "no profile `nobody`"][..],
        ),
        (
            "subject = \"person\"",
            "subject = \"api\"",
            &["`subject`", "trades tokens itself"],
        ),
        (
            "subject = \"person\"",
            "",
            &["neither `subject` nor `subject-token`"],
        ),
        (
            "subject = \"person\"",
            "subject = \"person\"\nsubject-token = { env = \"X\" }",
            &[
                "`subject-token` means nothing",
                "whose `subject` is a profile",
            ],
        ),
        (
            "audience = \"highway\"",
            "requested-token-type = \"saml\"",
            &["`requested-token-type` is no type of a token", "saml2"],
        ),
        (
            "audience = \"highway\"",
            "actor-token-type = \"jwt\"",
            &["`actor-token-type` means nothing"],
        ),
    ] {
        assert!(config.contains(from));
        std::fs::write(&path, config.replacen(from, to, 1)).unwrap();
        let ended = world.run(&["token", "api"]);
        ends(&ended, 2, &[parts, &["config.toml:"]].concat());
    }
}
