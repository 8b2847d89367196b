//! `docs/tutorial.md`, as somebody types it.

use crate::emulator::{Emulator, shell};
use crate::world::World;

/// What is typed, each with what should be seen.
fn steps(text: &str) -> Vec<(String, String)> {
    let mut steps: Vec<(String, String)> = Vec::new();
    let mut is_console = false;
    for line in text.lines() {
        if line.starts_with("```") {
            is_console = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| is_console) {
            steps.push((command.to_owned(), String::new()));
        } else if is_console {
            let (_, seen) = steps.last_mut().unwrap();
            *seen += line;
            *seen += "\n";
        }
    }
    steps
}

/// Whether `seen` is what the text says, where `…` is anything.
fn is_as_written(seen: &str, written: &str) -> bool {
    let (seen, written) = (seen.trim_end(), written.trim_end());
    let Some((first, rest)) = written.split_once('…') else {
        return seen == written;
    };
    let (middle, last) = rest.rsplit_once('…').unwrap_or(("", rest));
    let between = seen.strip_prefix(first);
    let Some(mut between) = between.and_then(|seen| seen.strip_suffix(last)) else {
        return false;
    };
    middle.split('…').all(|part| {
        let found = between.find(part).map(|at| &between[at + part.len()..]);
        between = found.unwrap_or(between);
        found.is_some()
    })
}

#[test]
fn the_tutorial_goes_as_it_is_written() {
    let world = World::empty();
    let text = include_str!("../../../../docs/tutorial.md");
    let steps = steps(text);
    let (emulator, printed) = Emulator::start(&world, &["emulator"]);
    let mut ran = 0;
    for (command, written) in &steps {
        if command.starts_with("cargo ") || command.starts_with("eval ") {
            continue;
        }
        let seen = shell(&world, &printed, &format!("{{ {command}; }} 2>&1"));
        assert!(is_as_written(&seen, written), "{command}\n{seen}");
        ran += 1;
    }
    assert!(ran > 6, "{steps:?}");
    emulator.stop();
}

#[test]
fn what_differs_from_the_text_is_seen() {
    assert!(is_as_written("abc\nd\n", "a…c\nd\n"));
    assert!(is_as_written("abc\n", "a…\n"));
    assert!(!is_as_written("abc\nd\n", "a…c\n"));
    assert!(!is_as_written("xabc\n", "abc\n"));
    assert!(!is_as_written("ab\n", "a…c\n"));
    assert!(is_as_written("{x} b {y}\n", "{…b…}\n"));
    assert!(!is_as_written("{x} c {y}\n", "{…b…}\n"));
}
