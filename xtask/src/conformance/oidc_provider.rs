//! Any OpenID Provider: the flows of `auth-core` against npm's `oidc-provider`.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::running::Running;
use super::{Counterpart, loopback, rust};
use crate::root::root;
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "oidc-provider",
    does: "npm's oidc-provider (needs Node 20 and npm)",
    run,
};

fn run() -> Outcome {
    passes(TESTS)
}

/// Whether the tests of that name pass with the server.
pub(super) fn passes(tests: &str) -> Outcome {
    ensure_node()?;
    loopback::ensure_openssl()?;
    rust::ensure_there_are([tests])?;
    let program = rust::program()?;
    let home = super::cache()?.join("oidc-provider");
    install(&home)?;
    let identity = loopback::identity(&home)?;
    let port = loopback::free_port()?;
    let mut command = Command::new("node");
    command
        .arg("server.mjs")
        .arg(port.to_string())
        .args([&identity.certificate, &identity.key])
        .current_dir(&home);
    let server = Running::start("oidc-provider", &mut command)?;
    let known = [
        ("AUTH_OIDC_PROVIDER", format!("https://localhost:{port}/op")),
        (
            "AUTH_OIDC_PROVIDER_CA",
            identity.authority.display().to_string(),
        ),
        program,
    ];
    rust::tests(tests, &known).run()?;
    drop(server);
    Ok("passed".to_owned())
}

/// Whether there is what runs the server.
pub(super) fn ensure_node() -> Result<(), String> {
    for (tool, install) in [
        ("node", "install Node 20 or later"),
        ("npm", "install npm, which fetches oidc-provider"),
    ] {
        if !Step::new(tool).with(["--version"]).succeeds() {
            return Err(format!("{tool} is missing: {install}"));
        }
    }
    Ok(())
}

/// Puts the server's script and the packages that it needs into `home`.
fn install(home: &Path) -> Result<(), String> {
    let failed = |error| format!("{} can't be filled: {error}", home.display());
    fs::create_dir_all(home).map_err(failed)?;
    for file in ["package.json", "server.mjs"] {
        let from = root().join("tests/conformance/oidc_provider").join(file);
        fs::copy(from, home.join(file)).map_err(failed)?;
    }
    Step::new("npm")
        .with(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .within(home)
        .run()
}

const TESTS: &str = "oidc_provider";
