//! `AUTH_PROFILE` and `AUTH_ACCOUNT`: what is meant where nothing is named.

use std::process::Command;

use crate::login::{let_in, world};
use crate::world::{World, finish};

fn by(world: &World, arguments: &[&str], profile: &str) -> Command {
    let mut command = world.auth(arguments);
    command.env("AUTH_PROFILE", profile);
    command
}

#[test]
fn the_environment_names_the_profile_where_nobody_does() {
    let world = World::new();
    let token = finish(by(&world, &["token"], "lab")).quiet();
    assert_eq!(world.run(&["token", "lab"]).quiet(), token);
    let other = finish(by(&world, &["token", "ada"], "lab")).quiet();
    assert_ne!(token, other);
    let shown = finish(by(&world, &["config", "show"], "lab")).quiet();
    assert!(shown.contains("robot"), "{shown}");
}

#[test]
fn a_request_takes_a_path_alone_a_method_and_a_path_or_all_three() {
    let world = World::new();
    let mut said = String::new();
    for (words, profile) in [
        (&["whoami"][..], "lab"),
        (&["POST", "/things"], "lab"),
        (&["lab", "whoami"], "ada"),
        (&["lab", "post", "/things"], "ada"),
        (&["post", "/things"], "lab"),
        (&["lab"], ""),
        (&[], ""),
        (&[], "lab"),
        (&["whoami"], "lba"),
    ] {
        let mut arguments = vec!["request"];
        arguments.extend(words);
        let ended = finish(by(&world, &arguments, profile));
        said += &format!("AUTH_PROFILE={profile} {words:?}\n{}", world.shown(&ended));
    }
    let ends = said.lines().map(|line| match line.split_once("\"exp\":") {
        Some((before, after)) => format!(
            "{before}…{}",
            after.trim_start_matches(|c: char| c.is_ascii_digit())
        ),
        None => line.to_owned(),
    });
    insta::assert_snapshot!(ends.collect::<Vec<_>>().join("\n"));
}

#[test]
fn without_a_name_the_error_says_where_one_is_looked_for() {
    let world = World::new();
    let mut said = String::new();
    for command in [
        "token",
        "login",
        "logout",
        "whoami",
        "netrc",
        "offline-token",
    ] {
        let ended = world.run(&[command]);
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        said += &format!("{command}\n{}", world.shown(&ended));
    }
    insta::assert_snapshot!(said);
}

#[test]
fn the_environment_names_the_account_and_the_flag_and_the_profiles_own_variable_win() {
    let world = world();
    let login = ["login", "person", "--device-code", "--account", "work"];
    let child = let_in(&world, &login);
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    let token = |variables: &[(&str, &str)], arguments: &[&str]| {
        let mut command = world.auth(&["token", "person"]);
        command.args(arguments).envs(variables.iter().copied());
        finish(command).code
    };
    let work = ("AUTH_ACCOUNT", "work");
    assert_eq!(token(&[], &[]), Some(4));
    assert_eq!(token(&[work], &[]), Some(0));
    assert_eq!(token(&[work], &["--account", "other"]), Some(4));
    assert_eq!(
        token(&[work, ("AUTH_PERSON_ACCOUNT", "other")], &[]),
        Some(4)
    );
    let mut command = world.auth(&["logout", "person"]);
    command.env(work.0, work.1);
    let ended = finish(command);
    assert!(ended.stderr.contains("was revoked"), "{}", ended.stderr);
}

#[test]
fn an_import_takes_a_file_alone_where_the_environment_names_the_profile() {
    let world = world();
    let ended = finish(by(&world, &["import", "no-such.json"], "person"));
    assert!(ended.stderr.contains("no-such.json"), "{}", ended.stderr);
    assert!(!ended.stderr.contains("profile"), "{}", ended.stderr);
}
