//! `auth git-credential`, `auth docker-credential` and `auth bazel-credential`.

mod docker;
mod git;

use std::process::Command;

use auth_testkit::Fault;
use serde_json::{Value, json};

use crate::login;
use crate::system::symlink;
use crate::world::{Ended, World, finish, finish_with_stdin};

const HOSTS: &str = "git.example.org data.example.org:8443";

fn run(world: &World, helper: &str, operation: &str, said: &str) -> Ended {
    finish_with_stdin(command(world, helper, operation), said)
}

fn command(world: &World, helper: &str, operation: &str) -> Command {
    let mut command = world.auth(&[helper, "lab", operation]);
    command.env("AUTH_LAB_HOSTS", HOSTS);
    command
}

/// A login that ends with its first token.
fn without_refresh_token() -> World {
    let world = login::world();
    let without = Fault::without("refresh_token").always();
    world.server.fault("/token", without);
    login::logged_in(&world);
    world
}

fn of_a_person(world: &World, helper: &str, operation: &str, said: &str) -> Ended {
    let mut command = world.auth(&[helper, "person", operation]);
    command.env("AUTH_PERSON_HOSTS", HOSTS);
    finish_with_stdin(command, said)
}

#[test]
fn a_refused_token_that_no_other_can_replace_is_not_handed_out_again_by_any_process() {
    let asked = "protocol=https\nhost=git.example.org\n";
    let world = without_refresh_token();
    let answer = of_a_person(&world, "git-credential", "get", asked).quiet();
    // Somebody else's password is nothing to us.
    of_a_person(
        &world,
        "git-credential",
        "erase",
        &format!("{asked}password=x\n"),
    )
    .quiet();
    let again = of_a_person(&world, "git-credential", "get", asked).quiet();
    assert_eq!(again, answer);
    let refused = format!("{asked}{answer}");
    let mut all = world.shown(&of_a_person(&world, "git-credential", "erase", &refused));
    all.push_str(&world.shown(&of_a_person(&world, "git-credential", "get", asked)));
    all.push_str(&world.shown(&world.run(&["token", "person"])));
    insta::assert_snapshot!(all);
    // git says it once more for each helper that it asks, and for the password that it then asks a person for.
    of_a_person(&world, "git-credential", "erase", &refused).quiet();

    let world = without_refresh_token();
    let docker = |operation, server| of_a_person(&world, "docker-credential", operation, server);
    docker("erase", "evil.example").quiet();
    docker("get", "git.example.org").quiet();
    assert_eq!(docker("erase", "git.example.org").code, Some(4));
    assert_eq!(docker("get", "git.example.org").code, Some(4));
    docker("erase", "git.example.org").quiet();
}

#[test]
fn what_an_api_refused_is_not_handed_out_by_the_next_process_either() {
    let world = without_refresh_token();
    let token = world.run(&["token", "person"]).quiet();
    let refuses = Fault::status(401).always();
    world.server.fault("/api/refused", refuses);
    let url = world.listening().url("/api/refused").to_string();
    let mut command = world.auth(&["request", "person", &url]);
    command.env("AUTH_PERSON_API", &url);
    let ended = finish(command);
    assert_eq!(ended.code, Some(4), "{}", ended.stderr);
    let ended = world.run(&["token", "person"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(4), ""), "not {token}");
}

#[test]
fn without_hosts_a_helper_serves_the_host_of_the_api() {
    let world = World::new();
    let host = world.listening().url("/").authority().to_owned();
    let get = |words: &[&str], said: &str| finish_with_stdin(world.auth(words), said);
    let answer = get(
        &["git-credential", "lab", "get"],
        &format!("protocol=https\nhost={host}\n"),
    );
    assert!(answer.quiet().contains("password="));
    let ended = get(&["git-credential", "person", "get"], "");
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    let mut command = world.auth(&["git-credential", "lab", "get"]);
    command.env("AUTH_LAB_HOSTS", "https://git.example.org");
    let ended = finish_with_stdin(command, "protocol=https\nhost=git.example.org\n");
    assert_eq!(ended.code, Some(2));
    insta::assert_snapshot!(world.shown(&ended));
    let world = login::world();
    let ended = finish_with_stdin(world.auth(&["git-credential", "person", "get"]), "");
    insta::assert_snapshot!("a_profile_without_hosts", world.shown(&ended));
    // That is said once: what was never given away is not taken back.
    for operation in ["store", "erase"] {
        let said = "protocol=https\nhost=a.b\nusername=x\npassword=y\n";
        finish_with_stdin(world.auth(&["git-credential", "person", operation]), said).quiet();
    }
}

#[test]
fn no_helper_asks_anybody() {
    let world = login::world();
    for (helper, said) in [
        ("git-credential", "protocol=https\nhost=a.b\n"),
        ("docker-credential", "a.b"),
        ("bazel-credential", "{\"uri\":\"https://a.b/\"}"),
    ] {
        let mut command = world.auth(&[helper, "person", "get"]);
        command.env("AUTH_PERSON_HOSTS", "a.b");
        let ended = finish_with_stdin(command, said);
        assert_eq!(ended.code, Some(4), "{helper} {}", ended.stderr);
        assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
    }
}

#[test]
fn bazel_gets_the_header_and_its_end() {
    let world = World::new();
    let header = world.run(&["token", "lab", "--format", "header"]).quiet();
    let value = header.trim_end().strip_prefix("Authorization: ").unwrap();
    for uri in [
        "https://git.example.org/a/b?c",
        "grpcs://data.example.org:8443/google.bytestream.ByteStream/Read",
    ] {
        let said = json!({ "uri": uri, "later": true }).to_string();
        let answer = run(&world, "bazel-credential", "get", &said).quiet();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer["headers"], json!({ "Authorization": [value] }));
        assert!(answer["expires"].as_str().unwrap().ends_with('Z'));
    }
    let mut all = String::new();
    for (operation, said) in [
        ("get", r#"{"uri":"https://evil.example/"}"#),
        ("get", r#"{"uri":"http://git.example.org/"}"#),
        ("get", r#"{"uri":"grpc://git.example.org/"}"#),
        ("get", r#"{"uri":"https://u:canary@evil.example/?canary"}"#),
        ("get", r#"{"url":"https://git.example.org/"}"#),
        (
            "get",
            r#"{"uri":"https://git.example.org\\@evil.example/"}"#,
        ),
        ("get", "{"),
        ("get", ""),
        ("set", "{}"),
    ] {
        let ended = run(&world, "bazel-credential", operation, said);
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{said}");
        assert!(!ended.stderr.contains("canary"), "{}", ended.stderr);
        all.push_str(&world.shown(&ended));
    }
    insta::assert_snapshot!(all);
}

#[test]
#[cfg_attr(windows, ignore = "making a link needs a right that few have")]
fn a_link_with_the_name_of_a_helper_serves_the_profile_of_that_name() {
    let world = World::new();
    let token = world.run(&["token", "lab"]).quiet();
    let auth = world.auth(&[]);
    for (name, said) in [
        ("docker-credential-lab", "git.example.org"),
        (
            "git-credential-lab",
            "protocol=https\nhost=git.example.org\n",
        ),
        (
            "bazel-credential-lab",
            r#"{"uri":"https://git.example.org/"}"#,
        ),
    ] {
        let link = world.home().join(name);
        symlink(auth.get_program(), &link).unwrap();
        let mut command = Command::new(&link);
        command
            .arg("get")
            .env_clear()
            .env("HOME", world.home())
            .env("AUTH_LAB_HOSTS", HOSTS);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        let answer = finish_with_stdin(command, said).quiet();
        assert!(answer.contains(token.trim_end()), "{name}: {answer}");
    }
}

#[test]
fn a_user_name_that_could_break_out_of_an_answer_is_refused() {
    let world = World::new();
    for bad in ["a\nhost=evil", "a\r", " \u{7f}"] {
        let mut command = command(&world, "git-credential", "get");
        command.env("AUTH_LAB_BASIC_USER", bad);
        let ended = finish_with_stdin(command, "protocol=https\nhost=git.example.org\n");
        assert_eq!((ended.code, &*ended.stdout), (Some(2), ""), "{bad:?}");
    }
    let mut command = command(&world, "docker-credential", "get");
    command.env("AUTH_LAB_BASIC_USER", "<token>");
    assert!(
        finish_with_stdin(command, "git.example.org")
            .quiet()
            .contains("\"<token>\"")
    );
}
