//! [`Step`]: one command, shown before it runs, so that a maintainer can repeat it by hand.

use std::ffi::OsStr;
use std::fmt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::root::root;

/// What a task comes to: a remark on its success (often empty), or what is wrong.
pub(crate) type Outcome = Result<String, String>;

/// A command that runs at the root of the workspace, with the environment of a person's shell.
pub(crate) struct Step(Command);

impl Step {
    /// Any program.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.current_dir(root());
        // `cargo run` sets these for its child. Build scripts watch some, and would run anew.
        for (name, _) in std::env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(&*name);
            }
        }
        Self(command)
    }

    /// Cargo with `arguments`, which are separated by blanks.
    pub(crate) fn cargo(arguments: &str) -> Self {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        Self::new(cargo).with(arguments.split_whitespace())
    }

    /// Adds arguments.
    pub(crate) fn with<A: AsRef<OsStr>>(mut self, arguments: impl IntoIterator<Item = A>) -> Self {
        self.0.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub(crate) fn with_env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    /// Runs in this folder instead of the root.
    pub(crate) fn within(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Shows the command and runs it on this terminal.
    pub(crate) fn run(mut self) -> Result<(), String> {
        eprintln!("$ {self}");
        match self.0.status() {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("`{self}` ended with {status}")),
            Err(error) => Err(format!("`{self}` did not start: {error}")),
        }
    }

    /// Runs the command with what it says in the file `log`, and says how long it took.
    pub(crate) fn timed(self, log: &Path) -> Result<Times, String> {
        const TIMED: &str =
            r#"TIMEFORMAT='%U %S %R'; log=$1; shift; { time "$@" >"$log" 2>&1; } 2>&1"#;
        let folder = self.0.get_current_dir().map_or_else(root, Path::to_owned);
        let bash = Self::new("bash").with(["-c", TIMED, "bash"]).with([log]);
        let bash = bash.with([self.0.get_program()]).with(self.0.get_args());
        let said = bash.within(&folder).output()?;
        let numbers: Vec<f64> = said
            .split_whitespace()
            .filter_map(|word| word.parse().ok())
            .collect();
        match numbers[..] {
            [user, system, wall] => Ok(Times {
                processor: user + system,
                wall,
            }),
            _ => Err(format!("`{self}` took an unknown time: {said}")),
        }
    }

    /// Shows the command and runs it: whether it succeeds, and what it writes to its standard output.
    pub(crate) fn says(mut self) -> Result<(bool, String), String> {
        eprintln!("$ {self}");
        self.0.stderr(Stdio::inherit());
        match self.0.output() {
            Ok(output) => Ok((
                output.status.success(),
                String::from_utf8_lossy(&output.stdout).into_owned(),
            )),
            Err(error) => Err(format!("`{self}` did not start: {error}")),
        }
    }

    /// Shows the command and starts it; what it says is nobody's.
    pub(crate) fn start(mut self) -> Result<Child, String> {
        eprintln!("$ {self} &");
        self.0.stdin(Stdio::null()).stdout(Stdio::null());
        let started = self.0.stderr(Stdio::null()).spawn();
        started.map_err(|error| format!("`{self}` did not start: {error}"))
    }

    /// Whether the command succeeds, run without a sound: for asking whether a tool is there.
    pub(crate) fn succeeds(mut self) -> bool {
        self.0.stdin(Stdio::null());
        self.0.output().is_ok_and(|output| output.status.success())
    }

    /// What the command writes to its standard error, whether it succeeds or not.
    pub(crate) fn errors(mut self) -> Result<String, String> {
        match self.0.output() {
            Ok(output) => Ok(String::from_utf8_lossy(&output.stderr).into_owned()),
            Err(error) => Err(format!("`{self}` did not start: {error}")),
        }
    }

    /// What the command writes to its standard output, run without a sound.
    pub(crate) fn output(mut self) -> Result<String, String> {
        let output = match self.0.output() {
            Ok(output) if output.status.success() => output,
            Ok(output) => {
                let errors = String::from_utf8_lossy(&output.stderr);
                return Err(format!("`{self}` ended with {}\n{errors}", output.status));
            }
            Err(error) => return Err(format!("`{self}` did not start: {error}")),
        };
        String::from_utf8(output.stdout).map_err(|_| format!("`{self}` wrote no UTF-8"))
    }
}

/// How long a command took, in seconds.
pub(crate) struct Times {
    /// Of the processor, for it and all that it started.
    pub(crate) processor: f64,
    /// Until it ended.
    pub(crate) wall: f64,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, value) in self.0.get_envs() {
            if let Some(value) = value {
                write!(f, "{}={} ", name.to_string_lossy(), quoted(value))?;
            }
        }
        let program = Path::new(self.0.get_program());
        match program.file_stem() {
            Some(name) if name == "cargo" => f.write_str("cargo")?,
            _ => f.write_str(&quoted(program.as_os_str()))?,
        }
        self.0
            .get_args()
            .try_for_each(|argument| write!(f, " {}", quoted(argument)))
    }
}

/// Whether `cargo <tool>` is installed; the failure names the command that installs it.
pub(crate) fn require(tool: &str, install: &str) -> Result<(), String> {
    if Step::cargo(tool).with(["--version"]).succeeds() {
        return Ok(());
    }
    Err(format!("cargo-{tool} is missing: run `{install}`"))
}

fn quoted(text: &OsStr) -> String {
    let text = text.to_string_lossy();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=+,@".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        return text.into_owned();
    }
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_command_can_be_pasted_into_a_shell() {
        let step = Step::cargo("doc --no-deps")
            .with(["it's"])
            .with_env("RUSTDOCFLAGS", "-D warnings");
        assert_eq!(
            step.to_string(),
            r"RUSTDOCFLAGS='-D warnings' cargo doc --no-deps 'it'\''s'"
        );
    }

    #[test]
    fn a_missing_tool_is_named_with_its_install_command() {
        let failure = require("no-such-tool", "cargo install no-such-tool").unwrap_err();
        assert_eq!(
            failure,
            "cargo-no-such-tool is missing: run `cargo install no-such-tool`"
        );
    }
}
