//! `auth config check` and `path`.

use crate::world::{World, finish};

#[test]
fn every_mistake_is_said_not_only_the_first() {
    let world = World::empty();
    world.config(
        r#"
        banana = 1

        [profile.one]
        kind = "client-credentials"
        scop = "a"
        client-secret = "hunter2"
        token-url = "no url"

        [profile.two]
        kind = "oidc"
        tenant = "x"
        email = "y"
        client-id = "desktop"

        [profile.three]
        client-id = "z"

        [profile.four]
        kind = "client-credentials"
        issuer = "http://example.org"
        client-id = "robot"
        client-auth = "none"

        [profile.fine]
        kind = "client-credentials"
        issuer = "ISSUER"
        client-id = "robot"
        client-secret = { env = "NOT_SET_HERE" }

        [profile."odd name"]
        kind = "oidc"
        "#,
    );
    let mut command = world.auth(&["config", "check"]);
    command
        .env("AUTH_FINE_SCPOE", "x")
        .env("AUTH_FINE_KIND", "y");
    let ended = finish(command);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    assert!(!ended.stderr.contains("hunter2"));
    insta::assert_snapshot!(world.shown(&ended));
    let ended = world.run(&["config", "check", "--json"]);
    assert_eq!(ended.code, Some(2));
    let all: Vec<serde_json::Value> = serde_json::from_str(&ended.stdout).unwrap();
    assert!(all.iter().all(|one| one["message"].is_string()));
    assert!(all.iter().any(|one| one["profile"] == "two"));
}

#[test]
fn a_file_without_a_mistake_is_0_with_and_without_its_secrets_at_hand() {
    for world in [World::new(), World::empty()] {
        let ended = world.run(&["config", "check"]);
        assert_eq!(
            (ended.code, &*ended.stdout),
            (Some(0), ""),
            "{}",
            ended.stderr
        );
        assert!(ended.stderr.contains("no mistake"), "{}", ended.stderr);
    }
    let world = World::new();
    std::fs::remove_file(world.config_directory().join("lab.secret")).unwrap();
    let ended = world.run(&["config", "check"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(ended.stderr.contains("lab needs"), "{}", ended.stderr);
}

#[test]
fn the_path_is_alone_on_stdout_and_who_says_so_is_said() {
    let world = World::new();
    let mut said = String::new();
    let empty = World::empty();
    said += &empty.shown(&empty.run(&["config", "path"]));
    said += &world.shown(&world.run(&["config", "path"]));
    said += &world.shown(&world.run(&["config", "path", "--config", "other.toml"]));
    let mut command = world.auth(&["config", "path", "--json"]);
    command.env("AUTH_CONFIG", "/x/y.toml");
    said += &world.shown(&finish(command));
    // A file that can't be read is named all the same.
    crate::world::set_mode(&world.config_directory().join("config.toml"), 0o666);
    said += &world.shown(&world.run(&["config", "path"]));
    insta::assert_snapshot!(said);
}

#[test]
fn the_version_says_which_build_it_is() {
    let world = World::empty();
    let line = world.run(&["version"]).quiet();
    assert!(line.starts_with("auth 0."), "{line}");
    let json = world.run(&["version", "--json"]).quiet();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(
        json["rustc"].as_str().unwrap().starts_with("rustc 1."),
        "{json}"
    );
    let target = json["target"].as_str().unwrap();
    assert!(target.split('-').count() >= 3, "{json}");
    let short = world.run(&["--version"]).quiet();
    assert_eq!(
        short.trim(),
        format!("auth {}", json["version"].as_str().unwrap())
    );
}
