//! Completion in the shells that our users have, each of which must be there.

use super::Counterpart;
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "completions",
    does: "bash, zsh and fish (packages of those names), asked what they offer",
    run,
};

fn run() -> Outcome {
    Step::cargo("test --package auth-cli --test cli completions::")
        .with_env("AUTH_SHELLS", "bash zsh fish")
        .run()?;
    Ok("passed".to_owned())
}
