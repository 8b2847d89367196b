//! [`Lock`]: one process of ours at a time changes a file.

use std::fs::File;
#[cfg(unix)]
use std::fs::TryLockError;
use std::path::Path;

use super::No;

/// One process has it, until this is dropped or the process dies.
///
/// On Unix it is the kernel's lock (`flock`) on the file itself. On Windows, where nobody can read or replace a file
/// that is locked, it is a file beside it that one process at a time can have open, and that goes when it is closed.
/// Where the file system has no such locks, or no file can be made there, there is none.
pub(super) struct Lock {
    _held: Option<File>,
}

impl Lock {
    /// `None`: somebody else has it, or has just replaced the file, at `real`.
    #[cfg(unix)]
    pub(super) fn attempt(real: &Path) -> Result<Option<Self>, No> {
        let file = File::open(real)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => Ok(None),
            Ok(()) if !is_at(&file, real)? => Ok(None),
            Ok(()) => Ok(Some(Self { _held: Some(file) })),
            Err(TryLockError::Error(_)) => Ok(Some(Self { _held: None })),
        }
    }

    /// `None`: somebody else has it.
    #[cfg(windows)]
    pub(super) fn attempt(real: &Path) -> Result<Option<Self>, No> {
        use std::os::windows::fs::OpenOptionsExt;

        let mut beside = real.to_owned().into_os_string();
        beside.push(".auth-lock");
        let mut options = File::options();
        options.write(true).create(true).truncate(false);
        let opened = options
            .share_mode(0)
            .custom_flags(DELETE_ON_CLOSE)
            .open(beside);
        match opened {
            Ok(file) => Ok(Some(Self { _held: Some(file) })),
            Err(error) if error.raw_os_error() == Some(OPEN) => Ok(None),
            // It is just going.
            Err(_) if super::spare(real, &super::Text::default()).is_ok() => Ok(None),
            Err(_) => Ok(Some(Self { _held: None })),
        }
    }

    #[cfg(not(any(unix, windows)))]
    pub(super) fn attempt(_: &Path) -> Result<Option<Self>, No> {
        Ok(Some(Self { _held: None }))
    }
}

/// Whether the path still leads to this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> Result<bool, No> {
    use std::os::unix::fs::MetadataExt;

    let (ours, there) = (file.metadata()?, path.metadata()?);
    Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino()))
}

#[cfg(windows)]
const DELETE_ON_CLOSE: u32 = 0x0400_0000;
/// `ERROR_SHARING_VIOLATION`.
#[cfg(windows)]
const OPEN: i32 = 32;
