//! Tables and errors on terminals of 60, 80 and 120 columns.

use crate::login::{logged_in, world};
use crate::terminal::Terminal;
use crate::world::{World, finish};

/// What a command shows on a terminal of so many columns.
fn shown(world: &World, arguments: &[&str], columns: u16) -> String {
    let mut command = world.auth(arguments);
    command
        .env("TERM", "xterm")
        .env("NO_COLOR", "1")
        .env("CI", "1");
    let text = Terminal::open().shows(command, columns);
    world.portable(&text)
}

#[test]
#[cfg_attr(windows, ignore = "a test has no terminal of its own there")]
fn no_table_is_wider_than_its_terminal_and_no_error_is_broken() {
    let world = world();
    let port = world.listening().url("/").port().unwrap().to_string();
    logged_in(&world);
    let mut all = String::new();
    for columns in [60, 80, 120] {
        for arguments in [
            &["profiles"][..],
            &["config", "show", "destiny"],
            &["switch", "person"],
            &["whoami", "person"],
            &["token", "prson"],
            &["token", "person", "--account", "work"],
            &["profiles", "add", "x", "--kind", "oidc", "--tenant", "y"],
        ] {
            let text = shown(&world, arguments, columns);
            let is_table = text.contains('─');
            for line in text
                .lines()
                .filter(|line| is_table && !line.starts_with("auth:"))
            {
                let needs = line.chars().count();
                assert!(needs <= usize::from(columns), "{columns}: {line}");
            }
            all += &format!("{columns} columns: {}\n{text}\n", arguments.join(" "));
        }
    }
    // Ports and homes are as long as they like.
    let all = all.replace(&port, "[PORT]");
    let lines = all.lines().map(|line| line.trim_end().replace('─', ""));
    let squeezed = lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
    insta::assert_snapshot!(squeezed.collect::<Vec<_>>().join("\n"));
}

#[test]
fn what_is_piped_has_no_width_and_nothing_but_what_was_asked_for() {
    let world = world();
    logged_in(&world);
    for (arguments, is_json) in [
        (&["profiles"][..], false),
        (&["profiles", "--json"], true),
        (&["status"], false),
        (&["status", "--json"], true),
        (&["config", "show", "person"], false),
        (&["config", "show", "person", "--json"], true),
        (&["config", "path"], false),
        (&["config", "path", "--json"], true),
        (&["config", "check", "--json"], true),
        (&["switch", "person"], false),
        (&["switch", "person", "--json"], true),
        (&["doctor", "person"], false),
        (&["doctor", "person", "--json"], true),
        (&["version"], false),
        (&["version", "--json"], true),
    ] {
        let ended = finish(world.auth(arguments));
        assert_eq!(ended.code, Some(0), "{arguments:?} {}", ended.stderr);
        assert!(!ended.stdout.contains("auth:") && !ended.stdout.contains('\u{1b}'));
        let parsed = serde_json::from_str::<serde_json::Value>(&ended.stdout);
        assert_eq!(parsed.is_ok(), is_json, "{arguments:?} {}", ended.stdout);
    }
}
