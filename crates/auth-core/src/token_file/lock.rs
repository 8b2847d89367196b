//! [`TokenFileLock`]: one process at a time redeems the token in a file.

use std::fs::File;
#[cfg(unix)]
use std::fs::TryLockError;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::blocking;
#[cfg(any(unix, windows))]
use super::failed;
use crate::error::{Error, Result};
use crate::io::clock::Clock;

/// One process has it, until this is dropped or the process dies. Sessions in different stores, or under different
/// names, may share a file, and a server that replaces refresh tokens ends a login whose token it sees twice.
///
/// On Unix it is the kernel's lock (`flock`) on the file itself. On Windows, where nobody can read or replace a file
/// that is locked, it is a file beside it that one process at a time can have open, and that goes when it is closed.
/// Where the file system has no such locks, or no file can be made there, there is none.
#[derive(Debug)]
pub(crate) struct TokenFileLock {
    _held: Option<File>,
}

impl TokenFileLock {
    pub(super) async fn wait(path: &Path, clock: &dyn Clock) -> Result<Self> {
        let (mut end, mut before) = (clock.now().monotonic + PATIENCE, None);
        loop {
            let there = path.to_owned();
            let look = move || Ok((attempt(&there)?, changed(&there)));
            let (lock, now) = blocking(look).await?;
            if let Some(lock) = lock {
                return Ok(lock);
            }
            // Whoever is in front of us gets on.
            if before != now {
                (end, before) = (clock.now().monotonic + PATIENCE, now);
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

/// When somebody has last changed the file.
fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// `None`: somebody else has it, or has just replaced the file.
#[cfg(unix)]
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

/// `None`: somebody else has it.
#[cfg(windows)]
fn attempt(path: &Path) -> Result<Option<TokenFileLock>> {
    use std::os::windows::fs::OpenOptionsExt;

    // The file that a link leads to.
    let real = path.canonicalize();
    let real = real.map_err(|error| failed("read", path, &error))?;
    let mut beside = real.clone().into_os_string();
    beside.push(".auth-lock");
    let mut options = File::options();
    options.write(true).create(true).truncate(false);
    let opened = options
        .share_mode(0)
        .custom_flags(DELETE_ON_CLOSE)
        .open(beside);
    match opened {
        Ok(file) => Ok(Some(TokenFileLock { _held: Some(file) })),
        Err(error) if error.raw_os_error() == Some(OPEN) => Ok(None),
        // It is just going.
        Err(_) if super::spare(&real).is_ok() => Ok(None),
        Err(_) => Ok(Some(TokenFileLock { _held: None })),
    }
}

#[cfg(not(any(unix, windows)))]
fn attempt(_: &Path) -> Result<Option<TokenFileLock>> {
    Ok(Some(TokenFileLock { _held: None }))
}

#[cfg(windows)]
const DELETE_ON_CLOSE: u32 = 0x0400_0000;
/// `ERROR_SHARING_VIOLATION`.
#[cfg(windows)]
const OPEN: i32 = 32;

/// Several may be in front of us, each with a request.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
