//! `cargo xtask fmt`: whether the sources are formatted.

use crate::Task;
use crate::step::{Outcome, Step};

pub(crate) const TASK: Task = Task {
    name: "fmt",
    takes: "",
    does: "are the sources formatted? (`cargo fmt --all` formats them)",
    run,
};

fn run(_: &[String]) -> Outcome {
    Step::cargo("fmt --all --check").run()?;
    Ok(String::new())
}
