//! The aggregator of Open Pectus and our example server, side by side on the same tokens.

use super::{Counterpart, python};
use crate::step::{Outcome, Step};
use crate::workspace;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "openpectus",
    does: "the aggregator of Open Pectus beside our example server",
    run,
};

fn run() -> Outcome {
    let python = python::interpreter(
        "openpectus",
        "tests/conformance/openpectus/requirements.txt",
    )?;
    Step::cargo("build --package auth-verify --example pectus --features axum").run()?;
    let example = workspace::target()?.join("debug/examples/pectus");
    Step::new(python)
        .with(["-B", "tests/conformance/openpectus/compare.py"])
        .with_env("PECTUS_EXAMPLE", example)
        .run()?;
    Ok("every difference is explained".to_owned())
}
