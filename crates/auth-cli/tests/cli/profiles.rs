//! `auth profiles`.

use crate::world::World;

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
