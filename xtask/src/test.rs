//! `cargo xtask test`: every test, through cargo-nextest where it is installed, and the doc tests.

use crate::Task;
use crate::step::{self, Outcome, Step};

pub(crate) const TASK: Task = Task {
    name: "test",
    takes: "[FILTER…]",
    does: "all tests and doc tests; with FILTER, the tests whose names hold it",
    run,
};

fn run(filter: &[String]) -> Outcome {
    if let Err(missing) = step::require("nextest", INSTALL) {
        eprintln!("cargo test runs the tests: {missing}");
        // Without a choice of targets, this runs the doc tests too.
        Step::cargo("test --workspace --features auth-cli/pkcs12 --no-fail-fast")
            .with(filter)
            .run()?;
        return Ok("through cargo test".to_owned());
    }
    let tests = Step::cargo("nextest run --workspace --features auth-cli/pkcs12")
        .with(filter)
        .run();
    if filter.is_empty() {
        let doc_tests = Step::cargo("test --workspace --doc").run();
        tests.and(doc_tests)?;
    } else {
        tests?;
    }
    Ok(String::new())
}

pub(crate) const INSTALL: &str = "cargo install --locked --debug --no-default-features \
                       --features default-no-update cargo-nextest";
