//! `auth profiles`.

use crate::world::{World, finish};

#[test]
fn profiles_are_listed_with_what_is_missing_to_use_them() {
    let world = World::new();
    let table = world.shown(&world.run(&["profiles"]));
    let json = world.shown(&world.run(&["profiles", "--json"]));
    // Columns are as wide as the port is long.
    let table: Vec<String> = table.lines().map(squeezed).collect();
    insta::assert_snapshot!(table.join("\n") + "\n" + &json);
}

#[test]
fn without_a_file_there_are_the_built_in_ones() {
    let world = World::empty();
    insta::assert_snapshot!(world.shown(&world.run(&["profiles"])));
}

#[test]
fn a_profile_that_does_not_add_up_is_listed_all_the_same() {
    let world = World::empty();
    world.config("[profile.odd]\nscope = \"a\"");
    insta::assert_snapshot!(world.shown(&world.run(&["profiles"])));
}

#[test]
#[cfg_attr(windows, ignore = "Windows says so in words of its own")]
fn what_can_not_be_had_is_one_line_at_the_first_use_and_said_in_the_list() {
    let world = World::empty();
    world.secret("bad.pem", "-----BEGIN PRIVATE KEY-----\nbm8=\n");
    world.secret("plain.key", "just text");
    world.secret("empty", "\n");
    world.secret("long", &"x".repeat(70_000));
    let ways = [
        ("gone", r#"{ file = "gone" }"#),
        ("unset", r#"{ env = "NOT_SET" }"#),
        ("away", r#"{ command = ["no-such-vault", "show"] }"#),
        ("nobody", r#"{ prompt = "Secret of the robot" }"#),
        ("empty", r#"{ file = "empty" }"#),
        ("long", r#"{ file = "long" }"#),
        ("directory", r#"{ file = "." }"#),
        ("pem", r#"{ file = "bad.pem" }"#),
        ("plain", r#"{ file = "plain.key" }"#),
    ];
    let mut text = String::new();
    for (name, place) in ways {
        let (kind, field) = match name {
            "pem" | "plain" => ("jwt-bearer", "email = \"robot@example.org\"\nkey"),
            _ => ("client-credentials", "client-id = \"robot\"\nclient-secret"),
        };
        text += &format!(
            "[profile.{name}]\nkind = \"{kind}\"\ntoken-url = \"URL/token\"\n{field} = {place}\n"
        );
    }
    world.config(&text);
    let run = |arguments: &[&str]| {
        let mut command = world.auth(arguments);
        // Nobody is at a terminal there.
        command.env("CI", "true");
        finish(command)
    };
    let mut said = String::new();
    for (name, _) in ways {
        let ended = run(&["token", name]);
        assert_eq!(ended.stderr.matches('\n').count(), 1, "{}", ended.stderr);
        said += &world.shown(&ended);
    }
    let list = run(&["profiles", "--json"]).quiet();
    let list: Vec<serde_json::Value> = serde_json::from_str(&list).unwrap();
    for profile in list {
        let name = profile["name"].as_str().unwrap();
        if ways.iter().any(|(way, _)| *way == name) {
            assert_eq!(profile["ready"], false, "{name}");
            said += &format!("{name}: {} {}\n", profile["missing"], profile["problem"]);
        }
    }
    let said = said.replace(&*world.home().to_string_lossy(), "[HOME]");
    insta::assert_snapshot!(said);
    assert!(world.server.requests().is_empty());
}

#[test]
fn with_its_variables_a_built_in_profile_is_ready() {
    let world = World::empty();
    let json = world.run_disruptive(&["profiles", "--json"]).quiet();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let profiles = json.as_array().unwrap();
    let disruptive = profiles
        .iter()
        .find(|profile| profile["name"] == "disruptive")
        .unwrap();
    assert_eq!(disruptive["ready"], true, "{json}");
}

fn squeezed(line: &str) -> String {
    let words = line.split_whitespace();
    let words = words.filter(|word| !word.starts_with('─'));
    words.collect::<Vec<_>>().join(" ")
}
