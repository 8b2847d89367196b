//! What must hold of our dependencies, and of those of one of our crates on another.

use crate::step::Outcome;
use crate::tool::Tool;
use crate::{arrows, deny};

pub(super) fn check() -> Outcome {
    (arrows::TASK.run)(&[])?;
    unused()?;
    deny::whole()
}

/// What a manifest names and nothing uses.
fn unused() -> Result<(), String> {
    let said = Tool("cargo-machete@0.9.2")
        .step()?
        .with(["crates", "tests", "xtask"]);
    said.run()
        .map_err(|_| "a manifest names what nothing uses: see above".to_owned())
}
