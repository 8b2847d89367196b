//! The help texts.

use crate::world::World;

#[test]
fn the_help_of_each_command_is_as_it_was_reviewed() {
    let world = World::empty();
    for command in [
        "",
        "token",
        "login",
        "logout",
        "netrc",
        "request",
        "status",
        "profiles",
        "config",
        "verify",
        "inspect",
        "demo",
        "desp",
        "emulator",
        "whoami",
        "offline-token",
        "import",
    ] {
        let mut arguments = vec![command, "--help"];
        arguments.retain(|word| !word.is_empty());
        let help = world.run(&arguments).quiet();
        let name = format!("help-{}", if command.is_empty() { "auth" } else { command });
        insta::assert_snapshot!(name, help);
    }
}

#[test]
fn a_usage_error_exits_with_2_and_writes_nothing_to_stdout() {
    let world = World::empty();
    for arguments in [
        &["tokn"][..],
        &["token"],
        &["token", "lab", "--password", "x"],
        &[],
    ] {
        let ended = world.run(arguments);
        assert_eq!(ended.code, Some(2), "{arguments:?}");
        assert_eq!(ended.stdout, "", "{arguments:?}");
    }
}
