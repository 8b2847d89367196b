//! Where the workspace is.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace: where `cargo run` was called, not where this program was compiled, since a folder of what
/// is built may have been copied from one clone to another.
pub(crate) fn root() -> PathBuf {
    let xtask = env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from);
    let xtask = xtask.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    xtask.parent().map(Path::to_owned).unwrap_or(xtask)
}
