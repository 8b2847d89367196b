//! `auth status`.

use crate::world::World;

/// Compares after hiding what differs from run to run: fingerprints and times.
macro_rules! assert_same {
    ($text:expr) => {
        insta::with_settings!({filters => vec![
            (r"\b[0-9a-f]{32}\b", "[KEY]"),
            (r"\b[0-9a-f]{8}\b", "[PRINT]"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[TIME]"),
            (r"\d+ min( \d+ s)?|1 h", "[SPAN]"),
            (r#""expires_in": \d+"#, r#""expires_in": [SECONDS]"#),
        ]}, { insta::assert_snapshot!($text) });
    };
}

fn used() -> World {
    let world = World::new();
    let life = std::time::Duration::from_secs(86_400);
    world
        .server
        .set_policy(auth_testkit::Policy::new().with_refresh_life(life));
    for profile in ["lab", "ada", "disruptive"] {
        world.run_disruptive(&["token", profile]).quiet();
    }
    world
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn status_tells_who_holds_what_and_until_when() {
    let world = used();
    assert_same!(world.shown(&world.run_disruptive(&["status"])));
}

#[test]
#[cfg_attr(windows, ignore = "files have no modes")]
fn status_as_json_is_stable() {
    let world = used();
    assert_same!(world.shown(&world.run_disruptive(&["status", "--json"])));
}

#[test]
fn status_of_one_profile_shows_that_one() {
    let world = used();
    let ended = world.run(&["status", "ada"]);
    assert!(ended.stdout.contains("ada: "), "{}", ended.stdout);
    assert!(!ended.stdout.contains("lab: "), "{}", ended.stdout);
    assert_eq!(world.run(&["status", "adda"]).code, Some(2));
}

#[test]
fn an_empty_store_is_said_to_be_one() {
    let world = World::new();
    insta::assert_snapshot!(world.shown(&world.run(&["status"])));
}

#[test]
fn status_never_shows_a_token() {
    let world = used();
    let mut shown = world.run_disruptive(&["status"]).stdout;
    shown.push_str(&world.run_disruptive(&["status", "--json", "-vv"]).stdout);
    let mut entries = 0;
    for entry in std::fs::read_dir(world.store()).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        // What it is, and of whom, stands above it.
        let Some(Ok(json)) = text.lines().last().map(serde_json::from_str) else {
            continue;
        };
        let mut tokens = Vec::new();
        collect(&json, &mut tokens);
        assert!(!tokens.is_empty(), "{text}");
        for token in tokens {
            assert!(!shown.contains(&token), "{token}");
        }
        entries += 1;
    }
    assert!(entries > 1, "{entries}");
}

fn collect(json: &serde_json::Value, tokens: &mut Vec<String>) {
    match json {
        serde_json::Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(text) if name.ends_with("_token") => tokens.push(text.to_owned()),
                    _ => collect(value, tokens),
                }
            }
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, tokens)),
        _ => {}
    }
}
