//! Programs that have a token of `auth`, each in its own way: client-go, kubectl, docker's client, git, curl, uv.

use super::{Counterpart, loopback, python, rust};
use crate::root::root;
use crate::step::{Outcome, Step};

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "consumers",
    does: "what runs `auth` for a token: client-go, kubectl, docker, git, curl, uv (needs Go, git, curl)",
    run,
};

fn run() -> Outcome {
    for (tool, flag) in [
        ("go", "version"),
        ("git", "--version"),
        ("curl", "--version"),
    ] {
        if !Step::new(tool).with([flag]).succeeds() {
            return Err(format!("{tool} is missing: install it"));
        }
    }
    loopback::ensure_openssl()?;
    let python = python::interpreter("consumers", "tests/conformance/consumers/requirements.txt")?;
    let home = super::cache()?.join("consumers");
    let programs = home.join("go");
    loopback::emptied(&programs)?;
    Step::new("go")
        .with(["build", "-o"])
        .with([&programs])
        .with(["./..."])
        .within(&root().join("tests/conformance/consumers"))
        .run()?;
    let (name, program) = rust::program()?;
    let identity = loopback::identity(&home)?;
    Step::new(python)
        .with(["-B", "tests/conformance/consumers/compare.py"])
        .with_env(name, program)
        .with_env("AUTH_GO_PROGRAMS", &programs)
        .with_env("AUTH_CONSUMERS_PORT", loopback::free_port()?.to_string())
        .with_env("AUTH_TLS_AUTHORITY", &identity.authority)
        .with_env("AUTH_TLS_CERTIFICATE", &identity.certificate)
        .with_env("AUTH_TLS_KEY", &identity.key)
        .run()?;
    Ok("each has its token".to_owned())
}
