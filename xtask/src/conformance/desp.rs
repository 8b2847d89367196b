//! destinepyauth beside us, at the testkit's realms of Destination Earth; and the clients that read the files that we
//! write.

use super::{Counterpart, python, rust};
use crate::step::Outcome;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "desp",
    does: "destinepyauth 1.3.1 beside us; requests, aiohttp and polytope-client on our files",
    run,
};

fn run() -> Outcome {
    rust::ensure_there_are([TESTS])?;
    let python = python::interpreter("desp", "tests/conformance/desp/requirements.txt")?;
    let surroundings = [("AUTH_DESP_PYTHON", python.display().to_string())];
    rust::tests(TESTS, &surroundings).run()?;
    Ok("each difference is in docs/desp.md".to_owned())
}

const TESTS: &str = "desp::beside";
