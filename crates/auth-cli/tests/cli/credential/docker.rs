//! `auth docker-credential`.

use serde_json::{Value, json};

use super::run;
use crate::world::{Ended, World, finish_with_stdin};

#[test]
fn docker_that_logs_out_gets_another_token_the_next_time() {
    let world = World::new();
    let first = docker(&world, "get", "git.example.org").quiet();
    assert_eq!(docker(&world, "get", "git.example.org").quiet(), first);
    docker(&world, "erase", "evil.example").quiet();
    assert_eq!(docker(&world, "get", "git.example.org").quiet(), first);
    docker(&world, "erase", "https://git.example.org").quiet();
    assert_ne!(docker(&world, "get", "git.example.org").quiet(), first);
}

#[test]
fn docker_gets_the_token_for_each_spelling_of_a_server() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    for server in [
        "git.example.org",
        "git.example.org\n",
        "https://git.example.org",
        "https://git.example.org/v2/",
        "git.example.org/group/image",
        "data.example.org:8443",
        "https://data.example.org:8443",
    ] {
        let answer: Value = serde_json::from_str(&docker(&world, "get", server).quiet()).unwrap();
        let expected = json!({
            "ServerURL": server.trim_end(), "Username": "oauth2", "Secret": token.trim_end(),
        });
        assert_eq!(answer, expected);
    }
    let all: Value = serde_json::from_str(&docker(&world, "list", "unused").quiet()).unwrap();
    assert_eq!(
        all,
        json!({ "git.example.org": "oauth2", "data.example.org:8443": "oauth2" })
    );
    assert_eq!(docker(&world, "erase", "git.example.org").quiet(), "");
}

#[test]
fn docker_is_told_in_its_own_words_that_there_are_no_credentials() {
    let world = World::new();
    for server in [
        "evil.example",
        "http://git.example.org",
        "https://git.example.org:8443",
        "evil.example/git.example.org",
        "git.example.org@evil.example",
        "https://git.example.org@evil.example",
        "https://git.example.org\\@evil.example/",
        "https://git.example.org/a b",
        "https://index.docker.io/v1/",
        "://",
    ] {
        let ended = docker(&world, "get", server);
        let told = (ended.code, &*ended.stdout, &*ended.stderr);
        let expected = "credentials not found in native keychain\n";
        assert_eq!(told, (Some(1), expected, ""), "{server}");
    }
    for empty in ["", "\n"] {
        let ended = docker(&world, "get", empty);
        let told = (ended.code, &*ended.stdout);
        assert_eq!(told, (Some(1), "no credentials server URL\n"));
    }
    assert!(world.server.requests().is_empty());
}

#[test]
fn what_docker_can_not_have_is_said_on_stdout_too() {
    let world = World::new();
    let store = json!({ "ServerURL": "a", "Username": "u", "Secret": "canary" }).to_string();
    let mut all = String::new();
    for (operation, said) in [
        ("get", "git.example.org\nevil"),
        ("get", "git.example.org\0"),
        ("get", "git\r.example.org"),
        ("store", &*store),
        ("future", ""),
    ] {
        let ended = docker(&world, operation, said);
        assert_eq!(ended.code, Some(2), "{operation}");
        assert!(!ended.stdout.contains("canary") && !ended.stderr.contains("canary"));
        all.push_str(&world.shown(&ended));
    }
    let ended = finish_with_stdin(world.auth(&["docker-credential", "nobody", "get"]), "a");
    assert_eq!(ended.code, Some(2));
    assert!(
        ended.stdout.starts_with("there is no profile"),
        "{}",
        ended.stdout
    );
    insta::assert_snapshot!(all);
}

fn docker(world: &World, operation: &str, said: &str) -> Ended {
    run(world, "docker-credential", operation, said)
}
