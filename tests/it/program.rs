//! The program `auth`, where a conformance task says where it is.

use std::env;
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// `auth`, which trusts one CA more than usual.
pub struct Program {
    path: PathBuf,
    authority: OsString,
}

/// What `auth verify` said.
#[derive(Debug)]
pub struct Verdict {
    pub code: i32,
    pub text: Value,
}

impl Program {
    /// The program that the environment names.
    pub fn trusting(authority: OsString) -> Self {
        let path = env::var_os("AUTH_PROGRAM").expect("a program beside the server");
        let path = path.into();
        Self { path, authority }
    }

    /// Has `token` checked, which goes to standard input.
    pub fn verify(&self, token: &str, issuer: &str, audience: &str, more: &[&str]) -> Verdict {
        let home = tempfile::tempdir().unwrap();
        let mut process = Command::new(&self.path)
            .args([
                "verify",
                "--json",
                "--issuer",
                issuer,
                "--audience",
                audience,
            ])
            .args(more)
            .env_clear()
            .env("HOME", home.path())
            .env("AUTH_CA_FILE", &self.authority)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let input = process.stdin.take().unwrap();
        writeln!(&input, "{token}").unwrap();
        drop(input);
        let output = process.wait_with_output().unwrap();
        let text = serde_json::from_slice(&output.stdout);
        Verdict {
            code: output.status.code().unwrap(),
            text: text.unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr))),
        }
    }
}

/// An address where nobody answers.
pub fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/keys", listener.local_addr().unwrap())
}
