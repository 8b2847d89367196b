//! The arguments of `auth doctor`.

use clap::Args;

pub(super) const DOCTOR_EXAMPLES: &str = "\
Each line is ok, a warning or a failure with what to do next; the exit code is that of the first failure. No secret, no name of a \
person and no path of a home directory is in it, so that it can stand in a bug report. With a profile its server is asked who it is, \
and its client is tried where that gives nobody a token; a program's token is asked for as `auth token` does.

Examples:
  auth doctor
  auth doctor lab
  auth doctor lab --json";

/// `auth doctor`.
#[derive(Args, Debug)]
pub(crate) struct DoctorArgs {
    /// Look at this profile and its server, too [env: AUTH_PROFILE]
    pub(crate) profile: Option<String>,

    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}
