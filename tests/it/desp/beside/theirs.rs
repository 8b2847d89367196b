//! [`Python`]: destinepyauth, and the clients that read its files.

use std::env;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use tokio::task::block_in_place;

use super::case::Case;
use super::place::Place;
use super::program::{seen, with_options};
use super::seen::Seen;

/// A Python that has them.
pub(crate) struct Python(PathBuf);

impl Python {
    pub(crate) fn at_hand() -> Self {
        let python = env::var_os("AUTH_DESP_PYTHON")
            .expect("cargo xtask conformance desp sets AUTH_DESP_PYTHON");
        Self(python.into())
    }

    /// Plays a case; `code` is typed for a one-time code.
    pub(crate) fn run(&self, place: &Place, case: &Case, code: &str) -> Seen {
        place.furnish(case);
        place.asked();
        let mut process = self.desp(place, case).spawn().unwrap();
        let mut stdin = process.stdin.take().unwrap();
        // It may end without asking.
        if !case.variables.contains(&("DESPAUTH_USER", "")) {
            let _ = stdin.write_all(format!("{code}\n").as_bytes());
        }
        drop(stdin);
        let output = block_in_place(|| process.wait_with_output()).unwrap();
        seen(place, case, &output, |said| {
            let of_usage = |line: &str| {
                line.split_once(": error: ")
                    .map(|(_, rest)| rest.to_owned())
            };
            let mut lines = said.lines().rev();
            lines.find_map(|line| {
                let failure = line.strip_prefix("ERROR:root:");
                failure.map(str::to_owned).or_else(|| of_usage(line))
            })
        })
    }

    /// Their program, with nothing but what people set.
    pub(crate) fn desp(&self, place: &Place, case: &Case) -> Command {
        let mut command = self.command(place);
        command.args(["-c", "from destinepyauth.cli import main; main()"]);
        with_options(&mut command, place, case);
        command
    }

    /// What `requests`, `aiohttp` and `polytope-client` find in the files at home.
    pub(crate) fn read(&self, place: &Place) -> Vec<String> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/conformance/desp/read.py");
        let mut command = self.command(place);
        let output = block_in_place(|| command.arg(script).output()).unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        said.lines().map(str::to_owned).collect()
    }

    fn command(&self, place: &Place) -> Command {
        let mut command = Command::new(&self.0);
        command
            .arg("-B")
            .env_clear()
            .env("PATH", env::var_os("PATH").unwrap_or_default())
            .env("HOME", place.home())
            .env("REQUESTS_CA_BUNDLE", place.authority())
            .current_dir(place.home())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }
}
