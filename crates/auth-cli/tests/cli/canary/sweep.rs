//! Known secrets pass through every flow and every command, with all that is told: none of them is on a screen, among
//! arguments, in a child's environment or in a file of its own, in any form.

mod flow;
mod forms;
mod servers;
mod world;

use std::collections::BTreeSet;
use std::path::Path;

use self::flow::{Flow, Stdout};
use self::forms::{Forms, found};
use self::world::World;
use crate::system::mode;

#[test]
#[cfg_attr(windows, ignore = "no shell of Unix")]
fn no_secret_of_any_flow_or_command_is_seen_where_nobody_asked_for_it() {
    let world = World::new();
    let flows = world.flows();
    ensure_each_command_has_one(&world, &flows);
    let ended = |flow: &Flow| {
        let ended = world.run(flow);
        let code = ended.code.unwrap_or(-1);
        assert!(
            flow.ends.contains(&code),
            "{:?}: {}",
            flow.line,
            ended.stderr
        );
        ended
    };
    let (last, first): (Vec<_>, Vec<_>) = flows.iter().partition(|flow| flow.line[0] == "logout");
    let mut said: Vec<_> = first.into_iter().map(|flow| (flow, ended(flow))).collect();
    // What is kept, while it is.
    ensure_files_are_private(&world, &Forms::of(&world.secrets()));
    said.extend(last.into_iter().map(|flow| (flow, ended(flow))));
    let mut secrets = world.secrets();
    for (_, ended) in said
        .iter()
        .filter(|(flow, _)| flow.stdout == Stdout::Secret)
    {
        let tokens = ended
            .stdout
            .lines()
            .filter(|line| line.len() > 20 && !line.contains(' '));
        secrets.extend(tokens.map(|token| (token.to_owned(), "a printed token".to_owned())));
    }
    assert!(secrets.len() > 40, "{}", secrets.len());
    let forms = Forms::of(&secrets);
    for (flow, ended) in &said {
        let shown = found(&forms, &ended.stderr);
        assert_eq!(shown, None, "{:?}: {}", flow.line, ended.stderr);
        if flow.stdout == Stdout::Plain {
            let shown = found(&forms, &ended.stdout);
            assert_eq!(shown, None, "{:?}: {}", flow.line, ended.stdout);
        }
    }
    for (place, text) in world.children() {
        assert_eq!(found(&forms, &text), None, "{place}: {text}");
    }
}

/// A new command has a flow here, or this fails.
fn ensure_each_command_has_one(world: &World, flows: &[Flow]) {
    let pages = world.home().join("pages");
    let ended = world.run(&Flow::new(&["man", "pages"]));
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    let pages = std::fs::read_dir(pages).unwrap();
    let names = pages.map(|page| page.unwrap().file_name().into_string().unwrap());
    let names: BTreeSet<String> = names
        .filter_map(|name| Some(name.strip_prefix("auth-")?.strip_suffix(".1")?.to_owned()))
        .collect();
    assert!(names.len() > 15, "{names:?}");
    for name in &names {
        let is_group = names
            .iter()
            .any(|other| other.starts_with(&format!("{name}-")));
        let has_one = flows.iter().any(|flow| {
            let line = flow.line.join("-");
            line == *name || line.starts_with(&format!("{name}-"))
        });
        assert!(is_group || has_one, "no flow here has `auth {name}` in it");
    }
}

/// What the program has written is for its owner alone, and secrets are where they belong: in the store, in the
/// configuration that had them, and where they were asked for.
fn ensure_files_are_private(world: &World, forms: &Forms) {
    let mut count = 0;
    walk(world.home(), &mut |path, is_directory| {
        let shown = path
            .strip_prefix(world.home())
            .unwrap()
            .display()
            .to_string();
        let is_store = path.starts_with(world.store());
        if is_store || world.outputs().contains(&&*shown) {
            count += 1;
            if cfg!(unix) {
                let allowed = if is_directory { 0o700 } else { 0o600 };
                let mode = mode(path);
                assert_eq!(mode & !allowed, 0, "{shown}: {mode:o}");
            }
            return;
        }
        if is_directory || world.is_given(path) {
            return;
        }
        let text = std::fs::read(path).unwrap();
        let text = String::from_utf8_lossy(&text);
        assert_eq!(found(forms, &text), None, "{shown}");
    });
    assert!(count > 10, "{count}");
}

fn walk(directory: &Path, look: &mut impl FnMut(&Path, bool)) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        let about = path.symlink_metadata().unwrap();
        look(&path, about.is_dir());
        if about.is_dir() {
            walk(&path, look);
        }
    }
}
