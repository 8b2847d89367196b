//! `cargo xtask deny`: licences, banned crates and sources, and how old a Rust may be; known holes where the list of
//! them can be had.

use crate::step::{self, Outcome, Step};
use crate::{Task, msrv};

pub(crate) const TASK: Task = Task {
    name: "deny",
    takes: "",
    does: "licences, banned crates, sources, no dependency that needs a newer Rust; advisories where they can be fetched",
    run,
};

fn run(_: &[String]) -> Outcome {
    whole()
}

/// Everything that is asked of dependencies.
pub(crate) fn whole() -> Outcome {
    msrv::ensure_dependencies()?;
    step::require("deny", "cargo install --locked --debug cargo-deny")?;
    Step::cargo("deny check bans licenses sources").run()?;
    if !Step::cargo("deny fetch db").succeeds() {
        let note = "advisories not checked: `cargo deny fetch db` can't reach their database";
        return Ok(note.to_owned());
    }
    Step::cargo("deny check advisories").run()?;
    Ok(String::new())
}
