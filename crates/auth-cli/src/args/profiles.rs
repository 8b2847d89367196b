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

const ADD_EXAMPLES: &str = "\
The profile is written into your configuration file; its comments and its order stay. A key that holds a secret takes where the \
secret is, never the secret: env:NAME, file:PATH, command:PROGRAM ARGUMENT, prompt:QUESTION or stdin.

Every other key of a profile is an option too: OTHERS.

Examples:
  auth profiles add me --kind oidc \\
    --issuer https://login.example.org --client-id desktop \\
    --client-auth none --scope 'openid offline_access'
  auth profiles add roof --preset disruptive \\
    --email robot@project.serviceaccount.d21s.com \\
    --key-id b5rj9ed7rihk942p48og --key file:roof.key";

/// What stands below the help of `auth profiles add`, where `others` are keys that it does not explain.
pub(super) fn add_examples(others: &str) -> String {
    ADD_EXAMPLES.replace("OTHERS", others)
}

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
