//! The mode of the store's directory.

use std::path::Path;

/// The mode of the store's directory.
#[cfg(unix)]
pub(in crate::command) fn permissions(path: &Path) -> Option<String> {
    use std::os::unix::fs::PermissionsExt;
    let mode = path.metadata().ok()?.permissions().mode();
    Some(format!("{:04o}", mode & 0o7777))
}

/// Other systems have no mode.
#[cfg(not(unix))]
pub(in crate::command) fn permissions(_path: &Path) -> Option<String> {
    None
}
