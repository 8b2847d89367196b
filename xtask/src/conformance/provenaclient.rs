//! Provena's own client beside `auth`: what each asks the same Keycloak for.

use super::{Counterpart, keycloak, loopback, python, rust};
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "provenaclient",
    does: "Provena's own client beside `auth`, at one Keycloak (needs what keycloak needs)",
    run,
};

fn run() -> Outcome {
    let python = python::interpreter(
        "provenaclient",
        "tests/conformance/provenaclient/requirements.txt",
    )?;
    let (name, program) = rust::program()?;
    let (recorder, port) = (loopback::free_port()?, loopback::free_port()?);
    let server = keycloak::at(port)?;
    let identity = server.identity();
    Step::new(python)
        .with(["-B", "tests/conformance/provenaclient/compare.py"])
        .with_env(name, program)
        .with_env("AUTH_RECORDER_PORT", recorder.to_string())
        .with_env("AUTH_KEYCLOAK_PORT", port.to_string())
        .with_env("AUTH_KEYCLOAK_CA", &identity.authority)
        .with_env("AUTH_TLS_CERTIFICATE", &identity.certificate)
        .with_env("AUTH_TLS_KEY", &identity.key)
        .run()?;
    Ok("each difference is named".to_owned())
}
