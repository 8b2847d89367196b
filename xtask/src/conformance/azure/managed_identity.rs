//! azure-identity's managed identity beside ours, at the testkit's metadata services. That of virtual machines is at its
//! real address, and the keys of Azure Arc's agent in their real folder, in namespaces of the test's own, which nothing
//! leaves.

use std::path::Path;

use super::super::rust;
use crate::step::Step;

/// Runs the comparison with this Python, which has azure-identity.
pub(super) fn run(python: &Path) -> Result<(), String> {
    if !Step::new("unshare").with(INSIDE).with(["true"]).succeeds() {
        return Err(
            "no namespace can be made: install util-linux and iproute2, and allow user namespaces"
                .to_owned(),
        );
    }
    rust::ensure_there_are([TESTS])?;
    // Built already; inside, nothing can be fetched.
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    Step::new("unshare")
        .with(INSIDE)
        .with([cargo])
        .with("test --offline --package auth-tests --test it".split(' '))
        .with([TESTS])
        .with_env("AUTH_AZURE_METADATA_PYTHON", python)
        // Nobody is there: a request that goes by way of it fails.
        .with_env("HTTP_PROXY", "http://127.0.0.1:9")
        .run()
}

/// The name of what compares.
const TESTS: &str = "azure::managed_identity::beside";

/// Runs what follows where the address of the metadata service is this machine's own, and the agent's folder the test's.
const INSIDE: [&str; 5] = [
    "-rnm",
    "sh",
    "-c",
    "ip link set lo up && ip addr add 169.254.169.254/32 dev lo && mount -t tmpfs none /var/opt \
     && mkdir -p /var/opt/azcmagent/tokens && exec \"$@\"",
    "sh",
];
