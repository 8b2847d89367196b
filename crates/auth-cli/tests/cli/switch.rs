//! `auth switch`: which of several logins is meant where nobody says.

use std::path::PathBuf;

use crate::login::{let_in, logged_in, world};
use crate::system::mode;
use crate::world::{World, finish};

fn logged_in_as(world: &World, label: &str) {
    let login = ["login", "person", "--device-code", "--account", label];
    let output = let_in(world, &login).wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
}

fn choice(world: &World) -> PathBuf {
    world.store().join("person.account")
}

/// A world with the logins `default` and `work`.
fn two() -> World {
    let world = world();
    logged_in(&world);
    logged_in_as(&world, "work");
    world
}

/// The fingerprint of a token.
fn token(world: &World, arguments: &[&str], account: Option<&str>) -> String {
    let mut command = world.auth(&["token", "person"]);
    command.args(arguments);
    command.envs(account.map(|account| ("AUTH_ACCOUNT", account)));
    finish(command).quiet()
}

#[test]
fn what_is_chosen_is_meant_until_a_flag_or_a_variable_says_otherwise() {
    let world = two();
    let (usual, work) = (
        token(&world, &[], None),
        token(&world, &["--account", "work"], None),
    );
    assert_ne!(usual, work);
    let ended = world.run(&["switch", "person", "work"]);
    assert_eq!(
        (ended.code, &*ended.stdout),
        (Some(0), ""),
        "{}",
        ended.stderr
    );
    assert_eq!(token(&world, &[], None), work);
    assert_eq!(token(&world, &["--account", "default"], None), usual);
    assert_eq!(token(&world, &[], Some("default")), usual);
    if cfg!(unix) {
        assert_eq!(mode(&choice(&world)), 0o600);
    }
    world.run(&["switch", "person", "default"]);
    assert_eq!(token(&world, &[], None), usual);
    assert!(!choice(&world).exists());
}

#[test]
fn the_logins_the_status_and_the_profiles_show_which_one_is_chosen() {
    let world = two();
    world.run(&["switch", "person", "work"]);
    let mut said = world.shown(&world.run(&["switch", "person"]));
    said += &world.shown(&world.run(&["switch", "person", "--json"]));
    let status = world.run(&["status"]).stdout;
    said.extend(
        status
            .lines()
            .filter(|line| line.contains("person"))
            .map(|line| format!("{line}\n")),
    );
    let profiles = world.run(&["profiles"]).stdout;
    let row = profiles.lines().find(|line| line.contains("person (work)"));
    assert!(row.is_some(), "{profiles}");
    let json: serde_json::Value =
        serde_json::from_str(&world.run(&["status", "--json"]).stdout).unwrap();
    for login in json["logins"].as_array().unwrap() {
        assert_eq!(login["chosen"], login["label"] == "work", "{login}");
    }
    insta::assert_snapshot!(said.replace(&world.listening().issuer(), "[ISSUER]"));
}

#[test]
fn a_name_under_which_nothing_is_kept_is_refused_with_those_that_are() {
    let world = two();
    let mut said = String::new();
    for (arguments, code) in [
        (&["switch", "person", "wrok"][..], 2),
        (&["switch", "person", ""], 2),
        (&["switch", "prson", "work"], 2),
        (&["switch"], 2),
        (&["switch", "person", "work", "--no-store"], 2),
        (&["switch", "disruptive", "work"], 2),
    ] {
        let ended = world.run(arguments);
        assert_eq!(ended.code, Some(code), "{}", ended.stderr);
        said += &world.shown(&ended);
    }
    insta::assert_snapshot!(said);
    assert!(!choice(&world).exists());
}

#[test]
fn a_name_may_have_a_slash_a_quote_or_300_characters() {
    let world = world();
    let long = "é".repeat(300);
    for label in ["../../work", "my \"work\"", &long] {
        logged_in_as(&world, label);
        let before = token(&world, &["--account", label], None);
        let ended = world.run(&["switch", "person", label]);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        assert_eq!(token(&world, &[], None), before);
    }
    let mut files: Vec<_> = std::fs::read_dir(world.home().join(".local/state/auth"))
        .unwrap()
        .collect();
    assert_eq!(files.len(), 1, "{:?}", files.pop());
}

#[test]
fn a_choice_that_is_damaged_is_one_warning_and_the_usual_login() {
    let world = two();
    let usual = token(&world, &[], None);
    world.run(&["switch", "person", "work"]);
    let mut said = String::new();
    for damage in ["", "{", "\"\"", "7", &"x".repeat(100_000)] {
        std::fs::write(choice(&world), damage).unwrap();
        let ended = world.run(&["token", "person"]);
        assert_eq!((ended.code, &ended.stdout), (Some(0), &usual));
        said += &world.shown(&ended).replace(usual.trim(), "[TOKEN]");
    }
    std::fs::remove_file(choice(&world)).unwrap();
    std::fs::create_dir(choice(&world)).unwrap();
    said += &world
        .shown(&world.run(&["token", "person"]))
        .replace(usual.trim(), "[TOKEN]");
    for label in ["work", "default"] {
        said += &world.shown(&world.run(&["switch", "person", label]));
    }
    // What Windows says of a directory in the way.
    let said = said.replace(
        "Permission denied (os error 13)",
        "Is a directory (os error 21)",
    );
    insta::assert_snapshot!(said);
}

#[test]
fn who_logs_the_chosen_login_out_goes_back_to_the_usual_one_and_is_told() {
    let world = two();
    for (logout, said_so) in [
        (&["logout", "person"][..], true),
        (&["logout", "person", "--account", "work"], true),
        (&["logout", "--all"], true),
        (&["logout", "person", "--account", "default"], false),
    ] {
        logged_in_as(&world, "work");
        world.run(&["switch", "person", "work"]);
        let ended = world.run(logout);
        assert_eq!(ended.code, Some(0), "{}", ended.stderr);
        let said = "the login that was chosen for profile `person` is gone: its login `default` is used again";
        assert_eq!(
            ended.stderr.contains(said),
            said_so,
            "{logout:?} {}",
            ended.stderr
        );
        assert_eq!(choice(&world).exists(), !said_so);
    }
}

#[test]
fn who_logs_out_the_usual_login_that_was_chosen_too_is_not_sent_back_to_it() {
    let world = two();
    let path = world.config_directory().join("config.toml");
    let text = std::fs::read_to_string(path).unwrap();
    world.config(&text.replace("[profile.person]", "[profile.person]\naccount = \"home\""));
    logged_in_as(&world, "home");
    world.run(&["switch", "person", "home"]);
    let ended = world.run(&["logout", "person"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(!ended.stderr.contains("is used again"), "{}", ended.stderr);
    assert!(!choice(&world).exists());
}

#[test]
fn of_many_choices_at_once_one_holds_whole() {
    let world = two();
    let both = [
        token(&world, &[], None),
        token(&world, &["--account", "work"], None),
    ];
    logged_in_as(&world, "home");
    let home = token(&world, &["--account", "home"], None);
    let children: Vec<_> = (0..12)
        .map(|at| {
            let label = ["work", "home"][at % 2];
            world.auth(&["switch", "person", label]).spawn().unwrap()
        })
        .collect();
    for child in children {
        assert_eq!(child.wait_with_output().unwrap().status.code(), Some(0));
    }
    let now = token(&world, &[], None);
    assert!(now == both[1] || now == home);
    assert_ne!(now, both[0]);
    let names = std::fs::read_dir(world.store()).unwrap();
    let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    assert!(!names.into_iter().any(|name| name.starts_with(".choice-")));
}
