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
    Step::cargo("clippy --workspace --all-targets --features auth-cli/pkcs12 -- -D warnings")
        .run()?;
    // The workspace as a whole turns on every feature; each part must do without the others.
    for part in PARTS {
        Step::cargo(&format!("clippy --lib --package {part} -- -D warnings")).run()?;
    }
    Ok(String::new())
}

const PARTS: [&str; 10] = [
    "auth-core",
    "auth-core --no-default-features",
    "auth-core --no-default-features --features blocking",
    "auth-core --no-default-features --features file-store",
    "auth-core --no-default-features --features person",
    "auth-core --no-default-features --features reqwest",
    "auth-core --no-default-features --features sign",
    "auth-azure",
    "auth-jwt-bearer",
    "auth-keycloak --no-default-features",
];
