//! [`Globals`]: what every command understands.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::variables;

/// What every command understands.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Global options")]
pub(crate) struct Globals {
    /// Read profiles from this file [env: AUTH_CONFIG] [default: the `auth/config.toml` of your
    /// configuration directory]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Keep tokens in this directory [env: AUTH_STORE] [default: `auth/tokens` in your state
    /// directory]
    #[arg(long, global = true, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) store: Option<PathBuf>,

    /// Keep tokens in memory only: nothing is read from disk, and nothing is left there
    #[arg(long, global = true, conflicts_with = "store")]
    pub(crate) no_store: bool,

    /// Trust the certificates in this PEM file too [env: AUTH_CA_FILE]
    #[arg(long, global = true, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) ca_file: Option<PathBuf>,

    /// Never ask anybody, neither here nor in a browser: fail with exit code 4 instead [env: AUTH_NO_INTERACTION]
    #[arg(long, global = true)]
    pub(crate) no_interaction: bool,

    /// Write what goes wrong as JSON, one object a line; a run with --json does so anyway [env:
    /// AUTH_ERRORS=json]
    #[arg(long, global = true)]
    pub(crate) json_errors: bool,

    /// Tell on stderr what happens at each step; twice for more. Secrets are never shown
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub(crate) verbose: u8,
}

impl Globals {
    /// Whether nobody may be asked.
    pub(crate) fn forbids_interaction(&self) -> bool {
        let said = variables::os("AUTH_NO_INTERACTION").unwrap_or_default();
        self.no_interaction || !["", "0", "false", "no"].iter().any(|no| said == *no)
    }
}
