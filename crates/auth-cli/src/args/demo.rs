//! The arguments of the embedded server.

use std::path::PathBuf;

use clap::{Args, ValueHint};

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
}

pub(super) const EMULATOR_EXAMPLES: &str = "\
What it prints is meant for a shell: it sets AUTH_CONFIG, AUTH_STORE and the variables that the
vendors' own programs read. The same lines are in the file `env` of its directory.

Examples:
  eval \"$(auth emulator &)\"                    # as with ssh-agent
  auth token disruptive
  auth request lab /whoami
  kill $AUTH_EMULATOR_PID";
