//! `cargo xtask clippy`: the lints of rustc and clippy, each a failure.

use crate::Task;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(crate) const TASK: Task = Task {
    name: "clippy",
    takes: "",
    does: "lints, each a failure: in all targets, and in each crate alone with no, default and all features",
    run,
};

fn run(_: &[String]) -> Outcome {
    Step::cargo("clippy --workspace --all-targets --all-features -- -D warnings").run()?;
    // The workspace as a whole turns on every feature; each crate must do without its own and those of the others.
    for package in workspace::packages()? {
        if !package.folder.starts_with("crates/") {
            continue;
        }
        alone(&package.name, "")?;
        if !package.features.is_empty() {
            alone(&package.name, "--no-default-features")?;
            alone(&package.name, "--all-features")?;
        }
    }
    for feature in ONE_BY_ONE {
        alone(
            "auth-core",
            &format!("--no-default-features --features {feature}"),
        )?;
    }
    Ok(String::new())
}

fn alone(package: &str, features: &str) -> Result<(), String> {
    Step::cargo(&format!(
        "clippy --package {package} {features} -- -D warnings"
    ))
    .run()
}

/// The features of `auth-core`, which others turn on one by one.
const ONE_BY_ONE: [&str; 5] = ["blocking", "file-store", "person", "reqwest", "sign"];
