//! An OpenID Provider with a token exchange that others wrote: PyPI's `idpyoidc`.

use std::process::Command;

use super::running::Running;
use super::{Counterpart, loopback, python, rust};
use crate::root::root;
use crate::step::Outcome;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "idpyoidc",
    does: "PyPI's idpyoidc: login, refresh, token exchange, its tokens",
    run,
};

fn run() -> Outcome {
    loopback::ensure_openssl()?;
    let python = python::interpreter("idpyoidc", "tests/conformance/idpyoidc/requirements.txt")?;
    rust::ensure_there_are([TESTS])?;
    let program = rust::program()?;
    let home = super::cache()?.join("idpyoidc-server");
    let identity = loopback::identity(&home)?;
    let port = loopback::free_port()?;
    let callback = format!("http://127.0.0.1:{}/callback", loopback::free_port()?);
    let script = root().join("tests/conformance/idpyoidc/server.py");
    let mut command = Command::new(python);
    command
        .arg("-B")
        .arg(script)
        .arg(port.to_string())
        .args([&identity.certificate, &identity.key])
        .arg(&callback)
        .current_dir(&home);
    let server = Running::start("idpyoidc", &mut command)?;
    let known = [
        ("AUTH_IDPYOIDC", format!("https://localhost:{port}")),
        ("AUTH_IDPYOIDC_CA", identity.authority.display().to_string()),
        ("AUTH_IDPYOIDC_CALLBACK", callback),
        program,
    ];
    rust::tests(TESTS, &known).run()?;
    drop(server);
    Ok("passed".to_owned())
}

const TESTS: &str = "idpyoidc";
