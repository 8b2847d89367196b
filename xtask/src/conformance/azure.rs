//! Microsoft's own clients beside us, at the testkit's Entra ID; and what Pectus' and DESTINY's users run, too.

mod managed_identity;

use super::{Counterpart, oidc_provider, python, rust};
use crate::step::{Outcome, Step};
use crate::workspace;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "azure",
    does: "MSAL Python, azure-identity and destiny-sdk beside us (needs network namespaces)",
    run,
};

fn run() -> Outcome {
    let python = python::interpreter("azure", "tests/conformance/azure/requirements.txt")?;
    // It asks for Python 3.12, and works with 3.11.
    let newer = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--ignore-requires-python",
    ];
    let destiny = Step::new(&python).with(newer).with(["destiny-sdk==0.9.1"]);
    destiny.run()?;
    rust::ensure_there_are([TESTS])?;
    Step::cargo("build --package auth-verify --example pectus --features axum").run()?;
    let example = workspace::target()?.join("debug/examples/pectus");
    let surroundings = [
        ("AUTH_AZURE_PYTHON", python.display().to_string()),
        ("AUTH_PECTUS_EXAMPLE", example.display().to_string()),
    ];
    rust::tests(TESTS, &surroundings)
        .with(["--nocapture"])
        .run()?;
    managed_identity::run(&python)?;
    let browser = browser()?;
    Ok(format!(
        "each difference is in docs/entra.md and docs/managed_identity.md; {browser}"
    ))
}

/// A login in a real browser, at a tenant that npm's oidc-provider plays.
fn browser() -> Outcome {
    if let Err(why) = oidc_provider::ensure_node() {
        return Ok(format!("skipped the login in a browser: {why}"));
    }
    if let Err(why) = rust::browser() {
        return Ok(format!("skipped the login in a browser: {why}"));
    }
    oidc_provider::passes(BROWSER)?;
    Ok("a real browser logged in".to_owned())
}

const TESTS: &str = "msal::";
const BROWSER: &str = "oidc_provider::entra";
