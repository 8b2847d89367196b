//! The arguments of the embedded server.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use super::Shell;

pub(super) const EMULATOR_EXAMPLES: &str = "\
What it prints is meant for a shell: it sets AUTH_CONFIG, AUTH_STORE and the variables that the \
vendors' own programs read. The same lines are in the files of its directory: `env`, and `env.fish`, `env.ps1` and \
`env.cmd` for other shells.

Examples:
  eval \"$(auth emulator &)\"        # as with ssh-agent
  auth token disruptive
  auth request lab /whoami
  eval \"$(auth emulator --stop)\"   # ends it
  auth emulator --dir emulator     # in a window of its own
  . ./emulator/env.ps1             # PowerShell
  auth emulator --stop | Out-String | Invoke-Expression";

/// `auth emulator`.
#[derive(Args, Debug)]
pub(crate) struct EmulatorArgs {
    /// Listen on this port of 127.0.0.1 [default: one that is free]
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub(crate) port: u16,

    /// Write the configuration, the CA and the secrets into this directory, which is made if it is
    /// not there [default: a new one, removed at the end]
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: Option<PathBuf>,

    /// Speak https, with a certificate from a CA made for this run
    #[arg(long)]
    pub(crate) https: bool,

    /// The shell that reads what is printed [default: sh; powershell on Windows]
    #[arg(long, value_name = "SHELL", default_value_t = Shell::usual(), hide_default_value = true, value_enum)]
    pub(crate) shell: Shell,

    /// End the emulator that AUTH_EMULATOR_PID names, and print what unsets its variables
    #[arg(long, conflicts_with_all = ["port", "dir", "https"])]
    pub(crate) stop: bool,
}
