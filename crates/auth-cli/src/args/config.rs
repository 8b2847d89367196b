//! The arguments of the commands that are about profiles and their logins.

use clap::{Args, Subcommand};

use super::Question;

/// `auth status`.
#[derive(Args, Debug)]
pub(crate) struct StatusArgs {
    /// Only this profile's logins
    pub(crate) profile: Option<String>,

    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

pub(super) const SWITCH_EXAMPLES: &str = "\
The choice holds until another one is made, or until the login that was chosen is logged out. --account, \
AUTH_ACCOUNT and the profile's own variable win over it, and it over the profile's key `account`.

Examples:
  auth switch lab           # which there are
  auth switch lab work
  auth switch lab default   # what the profile says";

/// `auth switch`.
#[derive(Args, Debug)]
pub(crate) struct SwitchArgs {
    /// The profile: see `auth profiles` [env: AUTH_PROFILE]
    pub(crate) profile: Option<String>,

    /// The name under which the login is kept, as `auth status` shows it; `default` chooses none. Without it, the logins are
    /// listed
    #[arg(value_name = "NAME")]
    pub(crate) label: Option<String>,

    /// Write JSON
    #[arg(long, conflicts_with = "label")]
    pub(crate) json: bool,
}

/// `auth config`.
#[derive(Args, Debug)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) command: ConfigCommand,
}

/// What is asked about the configuration.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show a profile's keys, and where each value comes from; of a secret only where it is
    Show(ConfigShowArgs),
    /// Print the path of the file that is read, and say why it is that one
    Path(JsonArgs),
    /// Look for everything that is wrong with the profiles; exit code 2 if something is
    Check(JsonArgs),
}

/// How the answer is written.
#[derive(Args, Debug)]
pub(crate) struct JsonArgs {
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// `auth config show`.
#[derive(Args, Debug)]
pub(crate) struct ConfigShowArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}
