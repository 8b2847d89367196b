//! The program `auth`, as people of destinepyauth call it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tokio::task::block_in_place;

use super::case::{Case, FIRST_TEXT, Typed};
use super::place::Place;
use super::seen::{Seen, files, without_tokens};
use crate::rights::set_mode;

/// The program as it is released.
pub(crate) struct Program(PathBuf);

impl Program {
    pub(crate) fn at_hand() -> Self {
        let program =
            env::var_os("AUTH_PROGRAM").expect("cargo xtask conformance desp sets AUTH_PROGRAM");
        Self(program.into())
    }

    /// Plays a case; `code` is typed for a one-time code.
    pub(crate) fn run(&self, place: &Place, case: &Case, code: &str) -> Seen {
        place.furnish(case);
        place.asked();
        let mut command = self.desp(place, case);
        command.env("DESPAUTH_OTP", code);
        if case.code == Typed::OfAnotherDevice {
            command.env("AUTH_CACHEB_DEVICE", "device 2");
        }
        let output = block_in_place(|| command.output()).unwrap();
        seen(place, case, &output, |said| {
            let of_ours = |line: &str| {
                let failure = line.strip_prefix("auth: ");
                Some(failure.or_else(|| line.strip_prefix("error: "))?.to_owned())
            };
            said.lines().rev().find_map(of_ours)
        })
    }

    /// What the case says, as `auth desp` takes it.
    pub(crate) fn desp(&self, place: &Place, case: &Case) -> Command {
        let mut command = self.command(place, &["desp"]);
        with_options(&mut command, place, case);
        command
    }

    /// The program as a job has it: user name, password and the secret of a device are configured, for all services.
    pub(crate) fn job(&self, place: &Place, arguments: &[&str]) -> Command {
        let [highway, hda] = &place.exchanges;
        let text = format!(
            "[profile.highway]\nexchange-url = \"{highway}\"\n[profile.hda]\nexchange-url = \"{hda}\"\n"
        );
        let configuration = place.home().join(".config/auth");
        let file = configuration.join("config.toml");
        // Once: another job may be reading it.
        if !file.exists() {
            std::fs::create_dir_all(&configuration).unwrap();
            std::fs::write(&file, text).unwrap();
        }
        let mut command = self.command(place, arguments);
        command
            .env("DESPAUTH_USER", &place.user)
            .env("DESPAUTH_PASSWORD", "pw")
            .env("DESPAUTH_TOTP", FIRST_TEXT)
            .env("DESPAUTH_IAM_URL", &place.iam);
        command
    }

    /// The program, at home and with nothing else.
    pub(crate) fn command(&self, place: &Place, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.0);
        command.args(arguments).env_clear();
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command.env("HOME", place.home());
        command.env("AUTH_CA_FILE", place.authority());
        command.current_dir(place.home()).stdin(Stdio::null());
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }
}

/// The options and variables that both programs take.
pub(crate) fn with_options(command: &mut Command, place: &Place, case: &Case) {
    if !case.arguments.contains(&"-c") {
        command.args(["-s", case.service]);
    }
    command.arg(if case.netrc { "-n" } else { "-p" });
    command.args(case.arguments);
    command
        .env("DESPAUTH_USER", &place.user)
        .env("DESPAUTH_PASSWORD", case.password)
        .env("DESPAUTH_IAM_URL", &place.iam);
    if let Some(url) = place.exchange(case.service) {
        command.env("DESPAUTH_TOKEN_URL", url);
    }
    command.envs(case.variables.iter().copied());
}

/// What a program came to, which says in `failure` what of its stderr that is.
pub(crate) fn seen(
    place: &Place,
    case: &Case,
    output: &Output,
    failure: impl Fn(&str) -> Option<String>,
) -> Seen {
    let said = String::from_utf8_lossy(&output.stderr);
    let code = output.status.code().unwrap();
    let failure = match code {
        0 => None,
        _ => Some(failure(&said).unwrap_or_else(|| panic!("{}: {said}", case.words))),
    };
    Seen {
        requests: place.asked(),
        files: files(place, case),
        stdout: format!(
            "{:?}",
            without_tokens(&String::from_utf8_lossy(&output.stdout))
        ),
        code,
        failure: failure.map(|failure| place.shown(&failure)),
    }
}

/// Makes a file its owner's alone.
pub(crate) fn narrow(path: &Path) {
    set_mode(path, 0o600);
}
