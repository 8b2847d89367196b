//! The arguments of `auth profiles`.

use clap::{Args, Subcommand};

use super::ConfigShowArgs;
use super::keys::Keys;

pub(super) const PROFILES_EXAMPLES: &str = "\
Examples:
  auth profiles
  auth profiles add lab --kind client-credentials \\
    --issuer https://login.example.org --client-id robot \\
    --client-secret env:LAB_SECRET
  auth profiles show lab
  auth profiles remove lab";

/// `auth profiles`.
#[derive(Args, Debug)]
pub(crate) struct ProfilesArgs {
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,

    #[command(subcommand)]
    pub(crate) command: Option<ProfilesCommand>,
}

/// What is done with one profile.
#[derive(Debug, Subcommand)]
pub(crate) enum ProfilesCommand {
    /// Write a new profile into the configuration file
    Add(AddArgs),
    /// Show a profile's keys: the same as `auth config show`
    Show(ConfigShowArgs),
    /// Take a profile out of the configuration file
    Remove(RemoveArgs),
}

/// `auth profiles add`.
#[derive(Args, Debug)]
pub(crate) struct AddArgs {
    /// Its name: letters, digits, dots, dashes and underscores
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) keys: Keys,
}

/// `auth profiles remove`.
#[derive(Args, Debug)]
pub(crate) struct RemoveArgs {
    /// Its name
    pub(crate) name: String,
}
