//! The arguments of `auth version`.

use clap::Args;

/// `auth version`.
#[derive(Args, Debug)]
pub(crate) struct VersionArgs {
    /// Write JSON
    #[arg(long)]
    pub(crate) json: bool,
}
