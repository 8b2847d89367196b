//! Several logins of one profile, each under a name of its own.

use crate::login::{let_in, logged_in, world};
use crate::section::PERSON;
use crate::world::World;

fn logged_in_as(world: &World, label: &str) -> String {
    let login = ["login", "person", "--device-code", "--account", label];
    let child = let_in(world, &login);
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let status = world.run(&["status"]).stdout;
    assert!(
        status.contains(&format!("person: ada (--account {label}) at ")),
        "{status}"
    );
    status
}

#[test]
fn a_label_is_said_with_the_command_that_needs_it_and_found_again_in_the_status() {
    let world = world();
    logged_in_as(&world, "work");
    world.run(&["token", "person", "--account", "work"]).quiet();
    let json = world.run(&["status", "--json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let login = &json["logins"][0];
    let shown = |name: &str| login[name].as_str().unwrap_or_default().to_owned();
    assert_eq!(
        (shown("label"), shown("person")),
        ("work".into(), "ada".into())
    );
    assert_eq!(shown("key").len(), 32);
}

#[test]
fn a_mistyped_label_names_those_that_are_kept() {
    let world = world();
    logged_in_as(&world, "work");
    logged_in(&world);
    let token = world.run(&["token", "person", "--account", "wrok"]);
    let other = world.run(&["logout", "person", "--account", "my wrok"]);
    let whoami = world.run(&["whoami", "person", "--account", "wrok"]);
    let said = [token, other, whoami].map(|ended| world.shown(&ended));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn the_command_that_helps_has_every_flag_that_was_needed() {
    let world = world();
    let ended = world.run(&[
        "token",
        "person",
        "--account",
        "work",
        "--scope",
        "openid",
        "--scope",
        "it's",
        "--audience",
        "https://a.b",
    ]);
    insta::assert_snapshot!(world.shown(&ended));
}

#[test]
fn a_login_that_is_over_is_not_called_none_and_the_api_that_refused_it_is_named() {
    let world = world();
    world.config(&format!("{PERSON}api = \"URL/api\""));
    world.server.fault(
        "/token",
        auth_testkit::Fault::without("refresh_token").always(),
    );
    logged_in(&world);
    world
        .server
        .fault("/api/x", auth_testkit::Fault::status(401));
    let refused = world.run(&["request", "person", "x"]);
    insta::assert_snapshot!(world.shown(&refused));
}
