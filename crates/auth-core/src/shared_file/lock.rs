//! [`FileLock`]: one process of ours at a time has a file.

#![expect(
    clippy::disallowed_methods,
    reason = "shared_file/ owns the calls that block on files of other programs"
)]

use std::fs::File;
#[cfg(unix)]
use std::fs::TryLockError;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use crate::error::{Error, Result};
use crate::io::clock::Clock;

/// One process has it, until this is dropped or the process dies. It is advice: it binds those that ask for it.
///
/// On Unix it is the kernel's lock (`flock`) on the file itself. On Windows, where nobody can read or replace a file
/// that is locked, it is a file beside it, `….auth-lock`, that one process at a time can have open, and that goes when
/// it is closed. A directory can be locked, too; on Windows by such a file in it. Where the file system has no such
/// locks, or no file can be made there, there is none, and everybody has it.
#[derive(Debug)]
pub struct FileLock {
    _held: Option<File>,
}

impl FileLock {
    /// The lock on the file at `path`; the one that a link leads to. `None`: somebody else has it, or has just replaced the
    /// file. Blocks for a moment.
    ///
    /// # Errors
    /// Those of the system where there is no such file, or it can't be opened.
    #[cfg(unix)]
    pub fn attempt(path: &Path) -> io::Result<Option<Self>> {
        let file = File::open(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            // No locks here.
            Err(TryLockError::Error(_)) => Ok(Some(Self { _held: None })),
            Ok(()) if is_at(&file, path) => Ok(Some(Self { _held: Some(file) })),
            Ok(()) => Ok(None),
        }
    }

    /// The lock on the file at `path`; the one that a link leads to. `None`: somebody else has it. Blocks for a moment.
    ///
    /// # Errors
    /// Those of the system where there is no such file.
    #[cfg(windows)]
    pub fn attempt(path: &Path) -> io::Result<Option<Self>> {
        use std::os::windows::fs::OpenOptionsExt;

        let real = path.canonicalize()?;
        let beside = match real.is_dir() {
            true => real.join(ENDING),
            false => {
                let mut beside = real.into_os_string();
                beside.push(ENDING);
                beside.into()
            }
        };
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        let opened = options
            .share_mode(0)
            .custom_flags(DELETE_ON_CLOSE)
            .open(&beside);
        match opened {
            Ok(file) => Ok(Some(Self { _held: Some(file) })),
            Err(error) if error.raw_os_error() == Some(OPEN) => Ok(None),
            // It is just going.
            Err(_) if super::Replacement::beside(&beside).is_ok() => Ok(None),
            Err(_) => Ok(Some(Self { _held: None })),
        }
    }

    /// The lock on the file at `path`: there is none.
    ///
    /// # Errors
    /// Never.
    #[cfg(not(any(unix, windows)))]
    pub fn attempt(_: &Path) -> io::Result<Option<Self>> {
        Ok(Some(Self { _held: None }))
    }

    /// Waits for its [turn](in_turn) with the file at `path`.
    ///
    /// # Errors
    /// `Config` if there is no such file, or it can't be opened; `Unavailable` if another process does not let go of it.
    pub async fn wait(path: &Path, clock: &dyn Clock) -> Result<Self> {
        let there = path.to_owned();
        let attempt =
            move || Self::attempt(&there).map_err(|error| super::failed("read", &there, &error));
        in_turn(path, clock, attempt).await
    }
}

/// Tries `attempt` at the file at `path` again, while it comes to `None`, for as long as whoever is in front of us gets on:
/// until half a minute after the file was last changed. It runs on tokio's threads for blocking work, and may itself
/// [wait](super::patiently) there.
///
/// # Errors
/// Those of `attempt`; `Unavailable` if another process does not let go of the file.
pub async fn in_turn<T: Send + 'static>(
    path: &Path,
    clock: &dyn Clock,
    attempt: impl Fn() -> Result<Option<T>> + Send + Sync + 'static,
) -> Result<T> {
    let (attempt, there): (_, Arc<Path>) = (Arc::new(attempt), path.into());
    let (mut end, mut before) = (clock.now().monotonic + PATIENCE, None);
    loop {
        let (attempt, there) = (attempt.clone(), there.clone());
        let look = move || Ok((attempt()?, changed(&there)));
        let looked = tokio::task::spawn_blocking(look).await;
        let (done, now) = looked.unwrap_or_else(|_| Err(cut_off(path)))?;
        if let Some(done) = done {
            return Ok(done);
        }
        if before != now {
            (end, before) = (clock.now().monotonic + PATIENCE, now);
        }
        if clock.now().monotonic >= end {
            return Err(Error::unavailable(format!(
                "another process uses {} and does not let go of it",
                path.display()
            ))
            .with_advice("try again, or end that process"));
        }
        clock.sleep(PAUSE).await;
    }
}

/// When somebody has last changed the file.
fn changed(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
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

fn cut_off(path: &Path) -> Error {
    Error::store(format!("the work on {} was cut off", path.display()))
}

#[cfg(windows)]
const ENDING: &str = ".auth-lock";
#[cfg(windows)]
const DELETE_ON_CLOSE: u32 = 0x0400_0000;
/// `ERROR_SHARING_VIOLATION`.
#[cfg(windows)]
const OPEN: i32 = 32;

/// Several may be in front of us, each with a request.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
