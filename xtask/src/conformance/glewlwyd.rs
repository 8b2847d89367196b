//! A server with odd habits: Debian's `glewlwyd`.

use std::path::Path;
use std::process::Command;

use super::running::Running;
use super::{Counterpart, loopback, rust};
use crate::root::root;
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "glewlwyd",
    does: "Debian's glewlwyd: slow_down, errors without a body (needs its package and python3)",
    run,
};

fn run() -> Outcome {
    loopback::ensure_openssl()?;
    if !Step::new("python3").with(["--version"]).succeeds() {
        return Err("python3 is missing: install it".to_owned());
    }
    if !Step::new("glewlwyd").with(["--version"]).succeeds() || !Path::new(TABLES).exists() {
        return Err("glewlwyd or its documentation is missing: apt install glewlwyd".to_owned());
    }
    rust::ensure_there_are([TESTS])?;
    let home = super::cache()?.join("glewlwyd");
    let identity = loopback::identity(&home)?;
    let port = loopback::free_port()?;
    let callback = format!("http://127.0.0.1:{}/callback", loopback::free_port()?);
    let mut command = Command::new("python3");
    command
        .arg("-B")
        .arg(root().join("tests/conformance/glewlwyd/server.py"))
        .arg(port.to_string())
        .args([&identity.certificate, &identity.key, &identity.authority])
        .arg(&callback)
        .current_dir(&home);
    let server = Running::start("glewlwyd", &mut command)?;
    let known = [
        ("AUTH_GLEWLWYD", format!("https://localhost:{port}")),
        ("AUTH_GLEWLWYD_CA", identity.authority.display().to_string()),
        ("AUTH_GLEWLWYD_CALLBACK", callback),
    ];
    rust::tests(TESTS, &known).run()?;
    drop(server);
    Ok("passed".to_owned())
}

const TESTS: &str = "glewlwyd";

/// What its package has for a new database.
const TABLES: &str = "/usr/share/doc/glewlwyd/database/init.sqlite3.sql.gz";
