//! Secrets where they should not be: among the arguments, and in a configured URL.

use super::world_with;
use crate::world::{SECRET, World, finish};

/// What people give as an argument by mistake, and a part of it that must not come back.
const MISPLACED: [(&str, &str); 3] = [
    (
        "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLWtlcHQtZnJvbS1sb2dz",
        "c2lnbmF0dXJl",
    ),
    (
        "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLWtlcHQtZnJvbS1sb2dz",
        "c2lnbmF0dXJl",
    ),
    (
        "ghs16C7e42F292c6912E7710c838347Ae178B4aghs16C7e42F292c6912E7710c838347Ae178B4a",
        "292c6912",
    ),
];

#[test]
fn a_token_given_as_an_argument_is_refused_and_not_shown() {
    let world = world_with(r#"{ env = "LAB_SECRET" }"#);
    for (token, part) in MISPLACED {
        let (option, set) = (format!("--{token}"), format!("--format={token}"));
        let lines: [&[&str]; 15] = [
            &[token],
            &["token", token],
            &["token", "lab", token],
            &["token", "lab", &option],
            &["token", "lab", &set],
            &["token", "lab", "--min-ttl", token],
            &["token", "lab", "--config", token],
            &["login", token],
            &["logout", token],
            &["inspect", token],
            &["import", "lab", token],
            &["offline-token", "lab", "--check", "--from", token],
            &["config", "show", token],
            &[
                "verify",
                "--issuer",
                "https://issuer.example",
                "--audience",
                "a",
                token,
            ],
            &["request", "lab", token, "/x"],
        ];
        for line in lines {
            let ended = world.run(line);
            assert_eq!(ended.code, Some(2), "{line:?}: {}", ended.stderr);
            assert_eq!(ended.stdout, "");
            assert!(!ended.stderr.contains(part), "{}", ended.stderr);
        }
    }
}

#[test]
fn who_gives_a_token_as_an_argument_learns_how_to_give_it() {
    let world = World::empty();
    let ended = world.run(&["inspect", MISPLACED[0].0]);
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn what_a_configured_url_may_hide_is_shown_nowhere() {
    let world = World::new();
    let issuer = world.listening().issuer();
    world.config(
        &format!(
            r#"
        [profile.keyed]
        kind = "client-credentials"
        token-url = "{issuer}/token?subscription-key=canary"
        client-id = "robot"
        client-secret = "unused"
        api = "{issuer}/api"
        "#
        )
        .replace(r#""unused""#, r#"{ env = "LAB_SECRET" }"#),
    );
    let lines: [&[&str]; 7] = [
        &["token", "keyed", "-vv"],
        &["token", "keyed", "--refresh", "-vv"],
        &["request", "keyed", "x", "-vv", "--include"],
        &["status"],
        &["status", "--json"],
        &["profiles", "--json"],
        &["config", "show", "keyed"],
    ];
    for line in lines {
        let mut command = world.auth(line);
        command.env("LAB_SECRET", SECRET);
        let ended = finish(command);
        assert!(
            !format!("{}{}", ended.stdout, ended.stderr).contains("canary"),
            "{line:?}: {}{}",
            ended.stdout,
            ended.stderr
        );
    }
    for entry in std::fs::read_dir(world.store()).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            let bytes = std::fs::read(&path).unwrap();
            assert!(
                !String::from_utf8_lossy(&bytes).contains("canary"),
                "{}",
                path.display()
            );
        }
    }
}

#[test]
fn a_password_in_a_configured_url_is_refused_and_not_shown() {
    for key in ["token-url", "issuer", "api"] {
        let world = World::empty();
        world.config(&format!(
            r#"
            [profile.lab]
            kind = "client-credentials"
            {key} = "https://ada:canary@id.example/t?k=canary"
            client-id = "robot"
            client-secret = {{ env = "LAB_SECRET" }}
            "#
        ));
        let mut command = world.auth(&["token", "lab"]);
        command.env("LAB_SECRET", SECRET);
        let ended = finish(command);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(
            !ended.stderr.contains("canary") && ended.stderr.contains("user or password"),
            "{}",
            ended.stderr
        );
    }
}
