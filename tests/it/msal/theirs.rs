//! [`Python`]: Microsoft's clients.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;
use tokio::task::block_in_place;

use super::place::{API, DESKTOP, OTHER_API, Place, ROBOT, SECRET, TENANT, claims};
use super::seen::Seen;

/// A Python that has them.
pub struct Python(PathBuf);

/// One of the two.
#[derive(Clone, Copy, Debug)]
pub enum Peer {
    Msal,
    Identity,
}

impl Peer {
    pub fn name(self) -> &'static str {
        match self {
            Self::Msal => "msal",
            Self::Identity => "identity",
        }
    }
}

impl Python {
    pub fn at_hand() -> Self {
        let python = env::var_os("AUTH_AZURE_PYTHON")
            .expect("cargo xtask conformance azure sets AUTH_AZURE_PYTHON");
        Self(python.into())
    }

    /// A flow of one of them.
    pub async fn run(&self, place: &Place, peer: Peer, flow: &str) -> Seen {
        let said = self.script(place, "client.py", &[peer.name(), flow]);
        let result = match said["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => {
                let audiences = said["audiences"].as_array().unwrap().iter();
                Ok(audiences
                    .map(|one| one.as_str().unwrap().to_owned())
                    .collect())
            }
        };
        Seen::of(place, result)
    }

    /// What a script says in one line of JSON.
    pub fn script(&self, place: &Place, name: &str, arguments: &[&str]) -> Value {
        let mut command = self.command(place, name);
        said(command.args(arguments))
    }

    /// The same, with what it needs besides.
    pub fn script_with(&self, place: &Place, name: &str, surroundings: &[(&str, &str)]) -> Value {
        let mut command = self.command(place, name);
        said(command.envs(surroundings.iter().copied()))
    }

    fn command(&self, place: &Place, name: &str) -> Command {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/azure");
        let mut command = Command::new(&self.0);
        command
            .arg("-B")
            .arg(format!("{folder}/{name}"))
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", place.home.path())
            .env("REQUESTS_CA_BUNDLE", place.file("ca.pem"))
            .env("SSL_CERT_FILE", place.file("ca.pem"))
            // Without the `&` Python waits for the browser before it listens.
            .env(
                "BROWSER",
                format!("{} -B {folder}/browser.py %s &", self.0.display()),
            )
            .env("ENTRA_ORIGIN", place.origin())
            .env("ENTRA_TENANT", TENANT)
            .env("ENTRA_DESKTOP", DESKTOP)
            .env("ENTRA_ROBOT", ROBOT)
            .env("ENTRA_SECRET", SECRET)
            .env("ENTRA_API", format!("api://{API}"))
            .env("ENTRA_OTHER_API", format!("api://{OTHER_API}"))
            .env("ENTRA_PEM", place.file("robot.pem"))
            .env("ENTRA_ASSERTION", place.file("assertion"))
            .env("ENTRA_CALLER", place.file("caller"))
            .env("ENTRA_CLAIMS", claims())
            .current_dir(place.home.path())
            .stdin(Stdio::null());
        command
    }
}

/// The last line of its output.
fn said(command: &mut Command) -> Value {
    let output = block_in_place(|| command.output()).unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    let line = said.lines().last().unwrap_or_default();
    serde_json::from_str(line).unwrap_or_else(|_| panic!("{said}\n{errors}"))
}
