//! Any OpenID Provider: the flows of `auth-core` against npm's `oidc-provider`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use super::{Counterpart, loopback, rust};
use crate::step::{Outcome, Step};
use crate::workspace;

pub(super) const COUNTERPART: Counterpart = Counterpart {
    name: "oidc-provider",
    does: "npm's oidc-provider (needs Node 20 and npm)",
    run,
};

fn run() -> Outcome {
    for (tool, install) in [
        ("node", "install Node 20 or later"),
        ("npm", "install npm, which fetches oidc-provider"),
        ("openssl", "install OpenSSL, which makes the test's CA"),
    ] {
        let question = if tool == "openssl" {
            "version"
        } else {
            "--version"
        };
        if !Step::new(tool).with([question]).succeeds() {
            return Err(format!("{tool} is missing: {install}"));
        }
    }
    rust::ensure_there_are([TESTS])?;
    let home = super::cache()?.join("oidc-provider");
    install(&home)?;
    let identity = loopback::identity(&home)?;
    let port = loopback::free_port()?;
    let server = Server::start(&home, port, &identity)?;
    let known = [
        ("AUTH_OIDC_PROVIDER", format!("https://localhost:{port}/op")),
        (
            "AUTH_OIDC_PROVIDER_CA",
            identity.authority.display().to_string(),
        ),
    ];
    rust::tests(TESTS, &known).run()?;
    drop(server);
    Ok("passed".to_owned())
}

/// Puts the server's script and the packages that it needs into `home`.
fn install(home: &Path) -> Result<(), String> {
    let failed = |error| format!("{} can't be filled: {error}", home.display());
    fs::create_dir_all(home).map_err(failed)?;
    for file in ["package.json", "server.mjs"] {
        let from = workspace::root()
            .join("tests/conformance/oidc_provider")
            .join(file);
        fs::copy(from, home.join(file)).map_err(failed)?;
    }
    Step::new("npm")
        .with(["install", "--no-audit", "--no-fund", "--loglevel=error"])
        .within(home)
        .run()
}

/// The server, which ends with this value.
struct Server {
    process: Child,
    /// Kept open: a server that can't write what it has to say ends at once.
    output: Option<BufReader<ChildStdout>>,
}

impl Server {
    fn start(home: &Path, port: u16, identity: &loopback::Identity) -> Result<Self, String> {
        let failed = |error| format!("oidc-provider did not start: {error}");
        let mut process = Command::new("node")
            .arg("server.mjs")
            .arg(port.to_string())
            .args([&identity.certificate, &identity.key])
            .current_dir(home)
            .stdout(Stdio::piped())
            .spawn()
            .map_err(failed)?;
        let output = process.stdout.take().map(BufReader::new);
        let mut server = Self { process, output };
        let mut lines = server.output.iter_mut().flat_map(BufRead::lines);
        match lines.find(|line| matches!(line, Ok(line) if line == "ready")) {
            Some(_) => Ok(server),
            None => Err("oidc-provider ended before it was ready".to_owned()),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Err(error) = self.process.kill().and_then(|()| self.process.wait()) {
            eprintln!("oidc-provider can't be ended: {error}");
        }
    }
}

const TESTS: &str = "oidc_provider";
