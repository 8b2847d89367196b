//! The arguments of `auth token`.

use std::time::Duration;

use clap::{Args, ValueEnum};

use super::{Question, duration, variable_name};

pub(super) const TOKEN_EXAMPLES: &str = "\
Each format is quoted for whoever reads it, and refuses a token that it can't hold. github masks the \
token in the log and sets a variable for the steps that follow, github-output an output of this step.

Examples:
  auth token lab --format curl | curl -K - https://…
  eval \"$(auth token lab --format env)\"  # sets AUTH_TOKEN
  auth token lab --format fish --name LAB | source
  auth token lab --min-ttl 10m     # good for ten minutes
  auth token lab --scope read --scope write";

/// `auth token`.
#[derive(Args, Debug)]
pub(crate) struct TokenArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// Renew first unless the token works for this long: `90`, `90s`, `10m`, `1h 30m`
    #[arg(long, value_name = "DURATION", value_parser = duration)]
    pub(crate) min_ttl: Option<Duration>,

    /// Really ask the server, even if the token at hand still works
    #[arg(long)]
    pub(crate) refresh: bool,

    /// How to write the token
    #[arg(long, value_enum, default_value_t = Format::Raw)]
    pub(crate) format: Format,

    /// Set the variable (for github-output, the output) of this name [default: AUTH_TOKEN, or token]
    #[arg(long, value_name = "NAME", value_parser = variable_name)]
    pub(crate) name: Option<String>,

    /// For netrc: the host that the token is for [default: that of the profile's `api`]
    #[arg(long, value_name = "HOST")]
    pub(crate) host: Option<String>,
}

/// How `auth token` writes a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// The token alone
    Raw,
    /// One JSON object: profile, access_token, token_type, expires_at, expires_in, scope
    Json,
    /// The whole header line: `Authorization: Bearer …`
    Header,
    /// A line for a POSIX shell: `export AUTH_TOKEN='…'`
    Env,
    /// A line for fish
    Fish,
    /// A line for PowerShell
    Powershell,
    /// A line for cmd.exe
    Cmd,
    /// A line of a netrc file
    Netrc,
    /// A line of a configuration of curl (`curl -K -`)
    Curl,
    /// An ExecCredential, as plugins of kubectl write it
    Kubernetes,
    /// For a step of GitHub Actions: masks the token, and sets a variable through GITHUB_ENV
    Github,
    /// The same with an output of the step, through GITHUB_OUTPUT
    GithubOutput,
}
