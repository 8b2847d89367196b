//! The help texts.

use crate::world::World;

const COMMANDS: &[&str] = &[
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
    "completions",
    "man",
    "exec",
    "kubernetes",
    "git-credential",
    "docker-credential",
    "bazel-credential",
];

#[test]
fn the_help_of_each_command_is_as_it_was_reviewed() {
    let world = World::empty();
    for &command in COMMANDS {
        let mut arguments = vec![command, "--help"];
        arguments.retain(|word| !word.is_empty());
        let help = world.run(&arguments).quiet();
        let name = format!("help-{}", if command.is_empty() { "auth" } else { command });
        insta::assert_snapshot!(name, help);
    }
}

#[test]
fn each_help_fits_its_terminal_and_no_example_is_broken() {
    let world = World::empty();
    let examples = |help: &str| -> Vec<String> {
        let (_, rest) = help.rsplit_once("Examples:").unwrap_or_default();
        rest.lines().map(str::to_owned).collect()
    };
    for &command in COMMANDS {
        let mut arguments = vec![command, "--help"];
        arguments.retain(|word| !word.is_empty());
        let helps = [60, 80, 120].map(|columns: usize| {
            let mut run = world.auth(&arguments);
            run.env("COLUMNS", columns.to_string());
            let help = crate::world::finish(run).quiet();
            for line in help.lines() {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
            help
        });
        let [narrow, usual, wide] = helps.each_ref().map(|help| examples(help));
        assert!(narrow == usual && usual == wide, "{command}: {narrow:#?}");
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
