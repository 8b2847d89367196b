//! Sending the crates to the registry.

use std::env;

use super::{changelog, plan};
use crate::step::{Outcome, Step};

/// All of it but the sending.
pub(super) fn rehearse() -> Outcome {
    step()?.with(["--dry-run"]).run()?;
    Ok("nothing was sent".to_owned())
}

/// Sends the crates, in their order. The token comes from the environment and stands in no argument.
pub(super) fn upload() -> Outcome {
    if env::var_os(TOKEN).is_none() {
        return Err(format!("{TOKEN} is not set: nothing was sent"));
    }
    let dirty = Step::new("git").with(["status", "--porcelain"]).output()?;
    if !dirty.is_empty() {
        return Err("there are changes that are not committed: nothing was sent".to_owned());
    }
    changelog::ensure_named()?;
    step()?.run()?;
    Ok("sent; tag the commit".to_owned())
}

fn step() -> Result<Step, String> {
    let mut step = Step::cargo("publish --locked");
    for package in plan::crates()? {
        step = step.with(["--package", &package.name]);
    }
    Ok(step)
}

const TOKEN: &str = "CARGO_REGISTRY_TOKEN";
