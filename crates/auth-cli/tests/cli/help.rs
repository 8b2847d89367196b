//! The help texts.

use crate::world::{World, finish};

/// The help of a command on a terminal of so many columns.
fn help(world: &World, command: &[String], columns: usize) -> String {
    let mut run = world.auth(&[]);
    run.args(command).arg("--help");
    run.env("COLUMNS", columns.to_string());
    finish(run).quiet()
}

/// Every command that a help names, and that its help names, without the program's name.
fn commands(world: &World, command: Vec<String>) -> Vec<Vec<String>> {
    let help = help(world, &command, 120);
    let named = help.split_once("Commands:\n").map(|(_, rest)| rest);
    let named = named.and_then(|rest| rest.split("\n\n").next());
    let lines = named.unwrap_or_default().lines();
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    let below = names.filter_map(|line| {
        let name = line.split_whitespace().next()?.to_owned();
        Some([&command[..], &[name]].concat())
    });
    let below: Vec<_> = below.flat_map(|each| commands(world, each)).collect();
    [vec![command], below].concat()
}

#[test]
fn the_help_of_each_command_is_as_it_was_reviewed_at_each_width() {
    let world = World::empty();
    let mut all = commands(&world, Vec::new());
    // For packagers, so that no list names it.
    all.push(vec!["man".to_owned()]);
    assert!(all.len() > 20, "{all:?}");
    for command in all {
        let shown = [60, 80, 120].map(|columns| {
            let help = help(&world, &command, columns);
            format!("{columns} columns\n\n{help}\n")
        });
        let name = match command.join("-") {
            name if name.is_empty() => "help-auth".to_owned(),
            name => format!("help-{name}"),
        };
        insta::assert_snapshot!(name, shown.concat());
    }
}

#[test]
fn each_help_fits_its_terminal_and_no_example_is_broken() {
    let world = World::empty();
    let examples = |help: &str| -> Vec<String> {
        let (_, rest) = help.rsplit_once("Examples:").unwrap_or_default();
        rest.lines().map(str::to_owned).collect()
    };
    for command in commands(&world, Vec::new()) {
        let helps = [60, 80, 120].map(|columns: usize| {
            let help = help(&world, &command, columns);
            for line in help.lines() {
                assert!(line.chars().count() <= columns, "{columns}: {line}");
            }
            help
        });
        let [narrow, usual, wide] = helps.each_ref().map(|help| examples(help));
        assert!(narrow == usual && usual == wide, "{command:?}: {narrow:#?}");
    }
}

#[test]
fn help_is_a_word_too_as_with_git_and_cargo() {
    let world = World::empty();
    for (words, usual) in [
        (&["help"][..], &["--help"][..]),
        (&["help", "token"], &["token", "--help"]),
        (&["help", "profiles", "add"], &["profiles", "add", "--help"]),
        (&["help", "-v", "token"], &["token", "--help"]),
    ] {
        assert_eq!(
            world.run(words).quiet(),
            world.run(usual).quiet(),
            "{words:?}"
        );
    }
    let ended = world.run(&["help", "tokn"]);
    assert_eq!((ended.code, &*ended.stdout), (Some(2), ""));
    assert!(ended.stderr.contains("'token'"), "{}", ended.stderr);
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
