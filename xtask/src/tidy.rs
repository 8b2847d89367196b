//! `cargo xtask tidy`: the rules of the house that no compiler knows.

mod crates;
mod dependencies;
mod downstream;
mod exits;
mod promises;
mod sources;

use crate::Task;
use crate::step::Outcome;
use crate::{book, links, workspace};

pub(crate) const TASK: Task = Task {
    name: "tidy",
    takes: "",
    does: "lengths and names of files, exits of secrets, what every crate must have, links, the table of dependencies, the names in api/",
    run,
};

fn run(_: &[String]) -> Outcome {
    let files = workspace::files("")?;
    let packages = workspace::packages()?;
    let mut breaches = Vec::new();
    for file in &files {
        breaches.extend(sources::breaches(file));
    }
    breaches.extend(exits::breaches(&files));
    breaches.extend(crates::breaches(&packages, &files));
    breaches.extend(dependencies::breaches(&packages, &files));
    breaches.extend(downstream::breaches(&files));
    breaches.extend(promises::breaches(&files));
    breaches.extend(links::broken(&files));
    breaches.extend(book::forgotten(&files));
    match breaches.len() {
        0 => Ok(format!("{} files", files.len())),
        count => Err(format!("{count} breaches\n  {}", breaches.join("\n  "))),
    }
}
