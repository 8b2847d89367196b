//! [`Python`]: destinepyauth, and the clients that read its files.

use std::env;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use tokio::task::block_in_place;

use super::seen::{Request, Seen};
use super::{Case, Place, code};

/// A Python that has them.
pub(super) struct Python(PathBuf);

impl Python {
    pub(super) fn at_hand() -> Option<Self> {
        let python = env::var_os("AUTH_DESP_PYTHON").map(PathBuf::from);
        if python.is_none() {
            eprintln!(
                "skipped: AUTH_DESP_PYTHON is not set (`cargo xtask conformance desp` sets it)"
            );
        }
        python.map(Self)
    }

    /// Their program, with nothing but what people set.
    pub(super) async fn run(&self, place: &Place, case: &Case) -> Seen {
        place.server.clear_requests();
        let url = |path: &str| place.listening.url(path).to_string();
        let mut command = self.command(place.home.path());
        command
            .args([
                "-c",
                "from destinepyauth.cli import main; main()",
                "-s",
                case.service,
            ])
            .arg(if case.netrc { "-n" } else { "-p" })
            .env("DESPAUTH_USER", case.user)
            .env("DESPAUTH_PASSWORD", case.password)
            .env("DESPAUTH_IAM_URL", url("/").trim_end_matches('/'));
        if let Some(path) = exchange(case.service) {
            command.env("DESPAUTH_TOKEN_URL", url(path));
        }
        let mut process = command.spawn().unwrap();
        let typed = match case.code {
            Some(code) => code.to_owned(),
            None => code().await,
        };
        let mut stdin = process.stdin.take().unwrap();
        // It may end without asking.
        let _ = stdin.write_all(format!("{typed}\n").as_bytes());
        drop(stdin);
        let output = block_in_place(|| process.wait_with_output()).unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        let failure = said
            .lines()
            .rev()
            .find_map(|line| line.strip_prefix("ERROR:root:"));
        assert_eq!(output.status.success(), failure.is_none(), "{said}");
        let requests = place.server.requests();
        Seen {
            requests: requests.iter().map(Request::of).collect(),
            files: super::ours::found(place),
            failure: failure.map(str::to_owned),
        }
    }

    /// What `requests`, `aiohttp` and `polytope-client` find in the files at home.
    pub(super) fn read(&self, place: &Place) -> Vec<String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/desp/read.py");
        let mut command = self.command(place.home.path());
        let output = block_in_place(|| command.arg(script).output()).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said.lines().map(str::to_owned).collect()
    }

    fn command(&self, home: &Path) -> Command {
        let mut command = Command::new(&self.0);
        command
            .arg("-B")
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", home)
            .env("REQUESTS_CA_BUNDLE", home.join("ca.pem"))
            .current_dir(home)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}

/// Where the token of a service is traded.
pub(super) fn exchange(service: &str) -> Option<&'static str> {
    match service {
        "highway" => Some("/sso/auth/realms/highway/protocol/openid-connect/token"),
        "hda" => Some("/auth/realms/dedl/protocol/openid-connect/token"),
        _ => None,
    }
}
