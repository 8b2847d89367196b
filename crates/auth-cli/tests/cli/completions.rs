//! `auth completions`, in the shells themselves, and `auth man`.

use std::path::Path;
use std::process::Command;

use crate::login::let_in;
use crate::world::{World, finish};

/// A world with logins of two names, and of one that no shell may complete.
fn world() -> World {
    let world = crate::login::world();
    for name in ["work", "home", "$(touch pwned)"] {
        let line = ["login", "person", "--device-code", "--account", name];
        assert_eq!(let_in(&world, &line).wait().unwrap().code(), Some(0));
    }
    world
}

/// A shell that finds the program by its name.
fn shell(world: &World, name: &str) -> Command {
    let mut command = Command::new(name);
    let program = Path::new(env!("CARGO_BIN_EXE_auth")).parent().unwrap();
    let path = std::env::var("PATH").unwrap_or_default();
    command
        .env_clear()
        .env("HOME", world.home())
        .env("PATH", format!("{}:{path}", program.display()))
        .current_dir(world.home());
    command
}

/// What bash offers for the last of the words.
fn bash(world: &World, words: &[&str]) -> String {
    let mut command = shell(world, "bash");
    command.args(["--norc", "--noprofile", "-c", BASH, "bash"]);
    command.args(words);
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

const BASH: &str = r#"
    eval "$(auth completions bash)"
    asked=$(complete -p auth); asked=${asked#*-F }; asked=${asked%% *}
    COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_TYPE=9; COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}
    "$asked" auth "${COMP_WORDS[COMP_CWORD]}" "" 2>/dev/null
    printf '%s\n' "${COMPREPLY[@]}"
"#;

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn bash_offers_commands_options_profiles_and_accounts() {
    let world = world();
    let requests = world.server.requests().len();
    for (words, offered, kept_back) in [
        (&["auth", "tok"][..], &["token"][..], &["login"][..]),
        (&["auth", "token", "per"], &["person"], &["provena"]),
        (
            &["auth", "token", ""],
            &["person", "disruptive", "provena"],
            &[],
        ),
        (
            &["auth", "token", "person", "--acc"],
            &["--account"],
            &["--audience"],
        ),
        (
            &["auth", "token", "person", "--account", ""],
            &["home", "work"],
            &["person", "pwned"],
        ),
        (&["auth", "logout", "--account", "w"], &["work"], &["home"]),
        (&["auth", "config", "show", "pers"], &["person"], &[]),
        (&["auth", "verify", "--profile", "pers"], &["person"], &[]),
        (
            &["auth", "token", "person", "--format", ""],
            &["raw", "json", "env"],
            &[],
        ),
        (&["auth", "completions", "f"], &["fish"], &["zsh"]),
    ] {
        let said = bash(&world, words);
        let all: Vec<&str> = said.lines().map(str::trim).collect();
        for one in offered {
            assert!(all.contains(one), "{words:?}: {said}");
        }
        for one in kept_back {
            assert!(!all.contains(one), "{words:?}: {said}");
        }
    }
    assert_eq!(world.server.requests().len(), requests, "nothing is sent");
}

#[test]
fn a_broken_configuration_offers_what_is_built_in_and_says_nothing() {
    let world = World::empty();
    world.config("[profile.lab\nkind = ");
    let mut command = world.auth(&["--", "auth", "token", ""]);
    command
        .env("AUTH_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", "2");
    let ended = finish(command);
    assert_eq!((ended.code, &*ended.stderr), (Some(0), ""));
    assert!(ended.stdout.contains("disruptive"), "{}", ended.stdout);
    assert!(!world.store().exists(), "nothing is written");
}

#[test]
fn the_script_of_each_shell_asks_the_program_by_its_name() {
    let world = World::empty();
    for shell in ["bash", "zsh", "fish", "powershell"] {
        let script = world.run(&["completions", shell]).quiet();
        assert!(script.contains("AUTH_COMPLETE"), "{shell}: {script}");
        assert!(!script.contains("/target/"), "{shell}: {script}");
    }
    assert_eq!(world.run(&["completions", "sh"]).code, Some(2));
}

/// `cargo xtask conformance completions` names the shells that must be there.
#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn zsh_and_fish_offer_the_same_where_they_are() {
    let world = world();
    let required = std::env::var("AUTH_SHELLS").unwrap_or_default();
    let is_there = |shell: &str| {
        let found = Command::new(shell).arg("--version").output().is_ok();
        assert!(
            found || !required.contains(shell),
            "{shell} is not installed"
        );
        found
    };
    for (line, offered) in [
        ("auth tok", "token"),
        ("auth token per", "person"),
        ("auth token person --account wo", "work"),
    ] {
        if is_there("fish") {
            let mut fish = shell(&world, "fish");
            fish.args([
                "--no-config",
                "-c",
                "auth completions fish | source; complete -C $argv[1]",
                line,
            ]);
            let output = fish.output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            let all: Vec<&str> = said
                .lines()
                .filter_map(|line| line.split('\t').next())
                .collect();
            assert!(all.contains(&offered), "{line}: {said}");
        }
        if is_there("zsh") {
            let mut zsh = shell(&world, "zsh");
            let (start, _) = line.rsplit_once(' ').unwrap();
            let whole = format!("{start} {offered}");
            zsh.args(["-f", ZSH, line, &whole]);
            let output = zsh.output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(said.contains(&whole), "{line}: {said:?} {output:?}");
        }
    }
}

const ZSH: &str = concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/../../tests/conformance/completions/zsh.zsh"
);

#[test]
fn there_is_a_page_for_each_command_that_people_see() {
    let world = World::empty();
    assert_eq!(world.run(&["man", "pages/deep"]).quiet(), "");
    let directory = world.home().join("pages/deep");
    let read = |name: &str| std::fs::read_to_string(directory.join(name)).unwrap();
    for name in [
        "auth.1",
        "auth-token.1",
        "auth-config.1",
        "auth-config-show.1",
    ] {
        assert!(read(name).contains(".SH SYNOPSIS"), "{name}");
    }
    assert!(read("auth-token.1").contains("Print an access token that works now"));
    assert!(!directory.join("auth-man.1").exists());
    world.secret("file", "x");
    let ended = world.run(&["man", ".config/auth/file"]);
    assert_eq!(ended.code, Some(2), "{}", ended.stderr);
    assert!(
        ended.stderr.contains("name a directory"),
        "{}",
        ended.stderr
    );
}
