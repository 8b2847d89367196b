//! Programs as our users write them, built from the packages of the crates.

use super::{Counterpart, rust};
use crate::release::package;
use crate::root::root;
use crate::step::{Outcome, Step};
use crate::workspace;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "downstream",
    does: "the programs of tests/downstream, built from our packages",
    run,
};

fn run() -> Outcome {
    rust::ensure_there_are([TESTS])?;
    let target = workspace::target()?.join("downstream");
    let patches = package::patches()?;
    for what in ["build --workspace", "test --package poller"] {
        Step::cargo(what)
            .with(&patches)
            .with(["--target-dir"])
            .with([&target])
            .within(&root().join("tests/downstream"))
            .run()?;
    }
    let programs = target.join("debug").display().to_string();
    rust::tests(TESTS, &[("AUTH_DOWNSTREAM", programs)]).run()?;
    Ok("passed".to_owned())
}

const TESTS: &str = "downstream::";
