//! Small files that other programs read and write, too: one process of ours at a time changes one, and it is replaced
//! whole.

mod lock;
mod patience;
mod replacement;

use std::io;
use std::path::Path;

pub use self::lock::{FileLock, in_turn};
#[cfg(test)]
pub(crate) use self::patience::held;
pub(crate) use self::patience::is_held;
pub use self::patience::patiently;
#[cfg(unix)]
pub(crate) use self::replacement::sync_directory;
pub(crate) use self::replacement::write_whole;
pub use self::replacement::{Replacement, remove};

use crate::error::Error;

/// What can't be done with the file, and what to do instead.
pub(crate) fn failed(what: &str, path: &Path, error: &io::Error) -> Error {
    let advice = match error.kind() {
        io::ErrorKind::PermissionDenied => "change its rights, or name another file",
        _ => "name another file",
    };
    Error::config(format!("can't {what} {}: {error}", path.display())).with_advice(advice)
}
