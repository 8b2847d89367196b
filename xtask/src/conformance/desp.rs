//! destinepyauth beside us, at realms of Destination Earth: the testkit's, and those of a Keycloak; and the clients that
//! read the files that we write.

use super::{Counterpart, keycloak, loopback, python, rust};
use crate::step::Outcome;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "desp",
    does: "destinepyauth 1.3.1 beside us, at the testkit and at Keycloak; requests, aiohttp and polytope-client on our files",
    run,
};

pub(super) const AT_KEYCLOAK: Counterpart = Counterpart {
    name: "desp-keycloak",
    does: "the part of desp that needs what keycloak needs",
    run: run_at_keycloak,
};

fn run() -> Outcome {
    let surroundings = surroundings()?;
    // One at a time: what one measures, another would spoil.
    rust::tests(AT_TESTKIT, &surroundings)
        .with(["--test-threads=1"])
        .run()?;
    if let Err(why) = keycloak::ensure_it_can_be_had() {
        return Ok(format!(
            "each difference at the testkit is in docs/desp.md; at Keycloak: skipped: {why}"
        ));
    }
    at_keycloak(surroundings)
}

fn run_at_keycloak() -> Outcome {
    at_keycloak(surroundings()?)
}

fn at_keycloak(mut surroundings: Vec<(&'static str, String)>) -> Outcome {
    let server = keycloak::at(loopback::free_port()?)?;
    surroundings.extend(keycloak::surroundings(&server)?);
    rust::tests(AT_SERVER, &surroundings)
        .with(["--test-threads=1"])
        .run()?;
    server.stop()?;
    Ok("each difference is in docs/desp.md".to_owned())
}

/// What the tests are told.
fn surroundings() -> Result<Vec<(&'static str, String)>, String> {
    rust::ensure_there_are([AT_TESTKIT, AT_SERVER])?;
    let python = python::interpreter("desp", "tests/conformance/desp/requirements.txt")?;
    Ok(vec![
        ("AUTH_DESP_PYTHON", python.display().to_string()),
        rust::program_as_released()?,
        rust::example("AUTH_METER", "meter")?,
    ])
}

const AT_TESTKIT: &str = "desp::beside";
const AT_SERVER: &str = "desp::real";
