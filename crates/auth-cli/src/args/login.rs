//! The arguments of `auth login` and `auth logout`.

use std::time::Duration;

use clap::Args;

use super::{Question, duration};

pub(super) const LOGIN_EXAMPLES: &str = "\
Without --browser or --device-code the way is chosen: a code where no browser can open (over SSH, in a
container, in CI, without a display), the browser elsewhere. The new login takes the place of the one
that is kept; if it fails, the old one stays.

Examples:
  auth login destiny
  auth login lab --device-code          # the browser may be on any machine
  auth login lab --browser --no-browser # show the address; paste back where the browser ends";

/// `auth login`.
#[derive(Args, Debug)]
pub(crate) struct LoginArgs {
    #[command(flatten)]
    pub(crate) question: Question,

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

/// `auth logout`.
#[derive(Args, Debug)]
pub(crate) struct LogoutArgs {
    #[command(flatten)]
    pub(crate) question: Question,
}
