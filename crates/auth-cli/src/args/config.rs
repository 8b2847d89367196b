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

/// `auth profiles`.
#[derive(Args, Debug)]
pub(crate) struct ProfilesArgs {
    /// Write JSON
    #[arg(long)]
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
