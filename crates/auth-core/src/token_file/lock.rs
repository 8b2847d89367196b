//! [`TokenFileLock`]: one process at a time redeems the token in a file.

use std::fs::{File, TryLockError};
use std::path::Path;
use std::time::Duration;

use super::{blocking, failed};
use crate::error::{Error, Result};
use crate::io::clock::Clock;

/// The kernel's lock (`flock`) on the file itself, until this is dropped. Sessions in different stores, or
/// under different names, may share a file, and a server that replaces refresh tokens ends a login whose
/// token it sees twice. Where the file system or the platform has no such locks there is none.
#[derive(Debug)]
pub(crate) struct TokenFileLock {
    _held: Option<File>,
}

impl TokenFileLock {
    pub(super) async fn wait(path: &Path, clock: &dyn Clock) -> Result<Self> {
        if !cfg!(unix) {
            // Elsewhere a locked file can't be read or replaced.
            return Ok(Self { _held: None });
        }
        let end = clock.now().monotonic + PATIENCE;
        loop {
            let there = path.to_owned();
            if let Some(lock) = blocking(move || attempt(&there)).await? {
                return Ok(lock);
            }
            if clock.now().monotonic >= end {
                return Err(Error::unavailable(format!(
                    "another process uses the token in {} and does not let go",
                    path.display()
                ))
                .with_advice("try again, or end that process"));
            }
            clock.sleep(PAUSE).await;
        }
    }
}

/// `None`: somebody else has it, or has just replaced the file.
fn attempt(path: &Path) -> Result<Option<TokenFileLock>> {
    let file = File::open(path).map_err(|error| failed("read", path, &error))?;
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Ok(None),
        // No locks here.
        Err(TryLockError::Error(_)) => Ok(Some(TokenFileLock { _held: None })),
        Ok(()) if is_at(&file, path) => Ok(Some(TokenFileLock { _held: Some(file) })),
        Ok(()) => Ok(None),
    }
}

/// Whether the path still leads to this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    match (file.metadata(), path.metadata()) {
        (Ok(ours), Ok(there)) => (ours.dev(), ours.ino()) == (there.dev(), there.ino()),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// Several may be in front of us, each with a request.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
