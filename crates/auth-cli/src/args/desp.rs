//! The arguments of `auth desp`, as people of `destinepyauth` know them.

use std::path::PathBuf;

use clap::{Args, ValueHint};

pub(super) const DESP_EXAMPLES: &str = "\
It takes the options, variables and files of destinepyauth, and the token is kept: a second call \
asks nobody and sends nothing. -c names a service's file here; AUTH_CONFIG names that of profiles. \
Exit codes: 0 done, 1 failed, 2 wrong options or configuration, 130 interrupted.

Examples:
  TOKEN=$(auth desp -s highway -p) && export TOKEN
  auth desp -s cacheb -n
  auth desp -c myservice.yaml -p";

/// `auth desp`.
#[derive(Args, Debug)]
pub(crate) struct DespArgs {
    /// The service: see `auth profiles` [default: the file's name]
    #[arg(short, long, alias = "SERVICE", value_name = "NAME")]
    pub(crate) service: Option<String>,

    /// Take the service from this file of YAML or JSON
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,

    /// Write the refresh token into the netrc file
    #[arg(short, long, conflicts_with = "print")]
    pub(crate) netrc: bool,

    /// Print the access token
    #[arg(short, long)]
    pub(crate) print: bool,

    /// The client of the login
    #[arg(long, value_name = "ID")]
    pub(crate) iam_client: Option<String>,

    /// The identity server
    #[arg(long, value_name = "URL")]
    pub(crate) iam_url: Option<String>,

    /// Its realm
    #[arg(long, value_name = "NAME")]
    pub(crate) iam_realm: Option<String>,

    /// The redirect URI of the client
    #[arg(long, value_name = "URI")]
    pub(crate) redirect_uri: Option<String>,

    /// The scopes of the login, with blanks between them
    #[arg(long, value_name = "SCOPES")]
    pub(crate) scope: Option<String>,

    /// Write a copy of a login page that is not known here into this new file, to report it: without
    /// values, scripts and the user name
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) page_copy: Option<PathBuf>,

    /// Not taken: see what replaces it
    #[arg(short = 'f', hide = true, value_name = "FILE")]
    pub(crate) further: Vec<String>,

    /// Not taken: see what replaces it
    #[arg(long, hide = true, value_name = "KEY=VALUE")]
    pub(crate) set: Vec<String>,
}
