//! `cargo xtask clippy`: the lints of rustc and clippy, each a failure.

use crate::Task;
use crate::step::{Outcome, Step};

pub(crate) const TASK: Task = Task {
    name: "clippy",
    takes: "",
    does: "lints, each a failure, in all targets",
    run,
};

fn run(_: &[String]) -> Outcome {
    Step::cargo("clippy --workspace --all-targets -- -D warnings").run()?;
    // The workspace as a whole turns on every feature; these must do without.
    for alone in [
        "auth-core --no-default-features",
        "auth-core",
        "auth-jwt-bearer",
    ] {
        Step::cargo(&format!("clippy --package {alone} --lib -- -D warnings")).run()?;
    }
    Ok(String::new())
}
