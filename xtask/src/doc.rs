//! `cargo xtask doc`: the documentation, as users see it and as maintainers do, without a warning.

use crate::Task;
use crate::step::{Outcome, Step};

pub(crate) const TASK: Task = Task {
    name: "doc",
    takes: "",
    does: "documentation without a warning, public and private",
    run,
};

fn run(_: &[String]) -> Outcome {
    // The first finds links that only maintainers could follow.
    for command in [
        "doc --workspace --no-deps",
        "doc --workspace --no-deps --document-private-items",
    ] {
        Step::cargo(command)
            .with_env("RUSTDOCFLAGS", "-D warnings")
            .run()?;
    }
    Ok(String::new())
}
