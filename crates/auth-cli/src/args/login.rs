//! The arguments of the commands that are about a person's login.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::NonEmptyStringValueParser;
use clap::{ArgGroup, Args, ValueHint};

use super::{Question, duration};

pub(super) const LOGIN_EXAMPLES: &str = "\
Without --browser or --device-code the way is chosen: a code where no browser can open (over SSH, in a \
container, in CI, without a display) or where the client has codes alone, the browser elsewhere. The new \
login takes the place of the one that is kept; if it fails, the old one stays.

Examples:
  auth login destiny
  auth login lab --device-code   # the browser is elsewhere
  auth login destiny-azure --account work  # side by side
  auth login lab --browser --no-browser  # only the address";

pub(super) const LOGOUT_EXAMPLES: &str = "\
The login is revoked at the server where that can be done, and forgotten here in any case. Where it can't \
be revoked and the provider has a logout page, the browser opens that. A refresh token in a file is a \
job's: it is left alone unless --revoke is given.

Servers end a session of theirs as a whole. Logins of one client that were made in one browser while it was \
logged in may share a session, and then end together, also those of another home or machine; those that are \
kept here are named. Where the login could be revoked the browser itself stays logged in.

Examples:
  auth logout lab
  auth logout lab --account work
  auth logout --key 3f2a   # as `auth status` shows it
  auth logout --all";

pub(super) const NETRC_EXAMPLES: &str = "\
What is written is the refresh token, as the password for the service's host, for programs such as \
xarray and zarr. It is kept up to date: whenever the token is renewed, the file is written again; \
`auth logout` takes it out. Entries of others stay as they are.

Examples:
  auth login cacheb && auth netrc cacheb
  auth netrc cacheb --file ~/.netrc-of-cacheb";

pub(super) const OFFLINE_TOKEN_EXAMPLES: &str = "\
A person logs in, and what comes of it is not kept here: the token is for a job elsewhere. A job \
takes it from the key `refresh-token` of a profile: from a file, a variable, stdin or a command. \
Where the server replaces it, the file is rewritten.

Tokens that were made while one browser was logged in may share a session at the server, and \
revoking one of them then ends the others. A private window gives a token a session of its own.

Examples:
  auth offline-token provena --output token.txt
  auth offline-token provena --check --from token.txt
  auth offline-token provena --revoke --from token.txt
  auth offline-token provena | kubectl create secret \\
    generic provena --from-file=token=/dev/stdin";

pub(super) const IMPORT_EXAMPLES: &str = "\
The file names neither server nor client in the open; both are read from its refresh token and must be \
those of the profile. The token is redeemed at once, so that what is kept is known to work; a server \
that replaces refresh tokens then logs the other client out.

Examples:
  auth import provena-person .tokens.json
  auth import provena-person .tokens.json --stage PROD";

/// `auth login`.
#[derive(Args, Debug)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    #[command(flatten)]
    pub(crate) way: WayArgs,

    /// Read the one-time code from stdin, for a service of Destination Earth
    #[arg(long)]
    pub(crate) otp_stdin: bool,

    /// Write the key of Polytope's client into this file [env: POLYTOPE_KEY_PATH] [default, for
    /// `polytope` alone: ~/.polytopeapirc]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) polytope_file: Option<PathBuf>,

    /// Where a login of Destination Earth leads to a page that is not known here, write a copy of it into
    /// this new file, to report it: without values, scripts and the user name
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) page_copy: Option<PathBuf>,
}

/// How a person is asked.
#[derive(Args, Clone, Debug)]
pub(crate) struct WayArgs {
    /// Log in with the browser of this machine
    #[arg(long, conflicts_with = "device_code")]
    pub(crate) browser: bool,

    /// Log in with any browser, and a code
    #[arg(long)]
    pub(crate) device_code: bool,

    /// Only show the address, open nothing
    #[arg(long)]
    pub(crate) no_browser: bool,

    /// Wait for the browser on this port of the loopback interface
    #[arg(long, value_name = "PORT")]
    pub(crate) callback_port: Option<u16>,

    /// Give up after this long: `90`, `90s`, `10m`
    #[arg(long, value_name = "DURATION", value_parser = duration, default_value = "5m")]
    pub(crate) timeout: Duration,
}

/// `auth netrc`.
#[derive(Args, Debug)]
pub(crate) struct NetrcArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// Write into this file [env: NETRC] [default: ~/.netrc]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
}

/// `auth logout`.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("which").args(["profile", "all", "key"]))]
pub(crate) struct LogoutArgs {
    /// The profile: see `auth profiles` [env: AUTH_PROFILE]
    pub(crate) profile: Option<String>,

    /// End every login that is kept here
    #[arg(long, conflicts_with_all = ["account", "scope", "audience"])]
    pub(crate) all: bool,

    /// End the login with this key, which `auth status` shows: for logins of no profile
    #[arg(long, value_name = "KEY", conflicts_with_all = ["account", "scope", "audience"])]
    pub(crate) key: Option<String>,

    /// End the login that is kept under this name [env: AUTH_ACCOUNT]
    #[arg(long, value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) account: Option<String>,

    /// End the login that was asked for with this scope; may be given more than once
    #[arg(long, value_name = "SCOPE")]
    pub(crate) scope: Vec<String>,

    /// End the login that was asked for with this audience; given more than once, with all of them
    #[arg(long, value_name = "AUDIENCE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) audience: Vec<String>,

    /// Revoke the refresh token in the profile's file too, which a job may live on
    #[arg(long)]
    pub(crate) revoke: bool,

    /// Log out at the provider too, in the browser: other programs' logins there end with it. Done anyway where nothing
    /// can be revoked
    #[arg(long, conflicts_with = "no_browser")]
    pub(crate) browser: bool,

    /// Open no browser
    #[arg(long)]
    pub(crate) no_browser: bool,
}

impl LogoutArgs {
    /// Whose login is meant, unless all are, or one by its key.
    pub(crate) fn question(&self) -> Option<Question> {
        let is_by_profile = !self.all && self.key.is_none();
        is_by_profile.then(|| Question {
            profile: self.profile.clone(),
            scope: self.scope.clone(),
            audience: self.audience.clone(),
            account: self.account.clone(),
        })
    }
}

/// `auth whoami`.
#[derive(Args, Debug)]
pub(crate) struct WhoamiArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// Write JSON: the claims as the server gave them
    #[arg(long)]
    pub(crate) json: bool,
}

/// `auth offline-token`.
#[derive(Args, Debug)]
pub(crate) struct OfflineTokenArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// Write the token into this new file, for you alone to read [default: stdout, if that is no
    /// terminal]
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,

    /// Ask for no token: see whether the profile's still works, by using it
    #[arg(long, conflicts_with_all = ["output", "revoke"])]
    pub(crate) check: bool,

    /// Ask for no token: make the profile's worthless at the server
    #[arg(long, conflicts_with = "output")]
    pub(crate) revoke: bool,

    /// Check or revoke the token in this file, or on stdin with `-`, instead of the profile's
    #[arg(long, value_name = "FILE|-", value_hint = ValueHint::FilePath, conflicts_with = "output")]
    pub(crate) from: Option<PathBuf>,

    #[command(flatten)]
    pub(crate) way: WayArgs,
}

/// `auth import`.
#[derive(Args, Clone, Debug)]
pub(crate) struct ImportArgs {
    #[command(flatten)]
    pub(crate) question: Question,

    /// The `.tokens.json` of `provenaclient` or `mdsisclienttools`; `-` or nothing is stdin
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,

    /// Take the login of this stage, where the file has several: TEST, DEV, STAGE or PROD
    #[arg(long, value_name = "STAGE")]
    pub(crate) stage: Option<String>,
}
