//! RFC 7523: `auth` against authlib's server, the maker's own client against `auth emulator`.

use super::{Counterpart, python, rust};
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "jwt-bearer",
    does: "authlib, PyJWT and the client of Disruptive Technologies",
    run,
};

fn run() -> Outcome {
    let python = python::interpreter(
        "jwt-bearer",
        "tests/conformance/jwt_bearer/requirements.txt",
    )?;
    let (name, program) = rust::program()?;
    Step::new(python)
        .with(["-B", "tests/conformance/jwt_bearer/checks.py"])
        .with_env(name, program)
        .run()?;
    Ok(String::new())
}
