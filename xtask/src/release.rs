//! `cargo xtask release`: what a release is, whether it may be, and the command that makes it. Nothing here is part of
//! `check`, and nothing is uploaded unless somebody says so.

mod api;
pub(crate) mod archive;
mod changelog;
mod checked;
mod contents;
mod dependencies;
mod metadata;
pub(crate) mod notices;
pub(crate) mod package;
mod plan;
pub(crate) mod program;
mod publish;
mod registry;
mod section;
mod tags;

use std::time::Instant;

use crate::step::Outcome;
use crate::{Task, msrv};

pub(crate) const TASK: Task = Task {
    name: "release",
    takes: "plan|check|api|publish",
    does: "which crates in which order; whether each can go out alone; sends them, with --upload and a token",
    run,
};

fn run(arguments: &[String]) -> Outcome {
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["plan"] => plan::show(),
        ["check"] => check(),
        ["check", part] => one(part),
        ["api"] => api::write(),
        ["publish", "--dry-run"] => publish::rehearse(),
        ["publish", "--upload"] => publish::upload(),
        _ => Err(format!(
            "takes plan, check [{}], api, publish --dry-run or publish --upload",
            names().join("|")
        )),
    }
}

/// One thing that must hold before a release.
struct Part {
    name: &'static str,
    run: fn() -> Outcome,
}

const PARTS: [Part; 8] = [
    Part {
        name: "metadata",
        run: metadata::check,
    },
    Part {
        name: "changelog",
        run: changelog::check,
    },
    Part {
        name: "contents",
        run: contents::check,
    },
    Part {
        name: "dependencies",
        run: dependencies::check,
    },
    Part {
        name: "msrv",
        run: || (msrv::TASK.run)(&[]),
    },
    Part {
        name: "packages",
        run: package::check,
    },
    Part {
        name: "api",
        run: api::check,
    },
    Part {
        name: "program",
        run: program::check,
    },
];

fn names() -> Vec<&'static str> {
    PARTS.iter().map(|part| part.name).collect()
}

fn check() -> Outcome {
    let commit = checked::commit();
    let (mut said, mut failed) = (Vec::new(), Vec::new());
    for part in &PARTS {
        eprintln!("\n-- {}", part.name);
        let start = Instant::now();
        let outcome = (part.run)();
        let seconds = start.elapsed().as_secs();
        let (name, word, note) = match &outcome {
            Ok(note) => (part.name, "ok", note),
            Err(why) => (part.name, "FAILED", why),
        };
        let line = format!("{name:<12} {word:<6} {seconds:>5} s  {note}");
        eprintln!("{line}");
        said.push(line);
        failed.extend(outcome.err().map(|_| part.name));
    }
    println!("\n{}", said.join("\n"));
    if !failed.is_empty() {
        return Err(format!("these do not hold: {}", failed.join(", ")));
    }
    match commit {
        Ok(commit) if checked::commit().as_ref() == Ok(&commit) => {
            checked::note(&commit)?;
            Ok(format!("{commit} may be released"))
        }
        Ok(_) => Err("all of it holds, but something changed meanwhile: check again".to_owned()),
        Err(why) => Ok(format!("all of it holds, but of no commit: {why}")),
    }
}

fn one(name: &str) -> Outcome {
    let part = PARTS.iter().find(|part| part.name == name);
    let part = part.ok_or_else(|| format!("there is no part {name}: {}", names().join(", ")))?;
    (part.run)()
}
