//! [`Replacement`]: the file that takes the place of another one.

use std::fs::{File, Metadata};
use std::io::{Error, Result, Seek, Write};
use std::path::Path;

use tempfile::{NamedTempFile, TempPath};

/// A file in the making, beside the one whose place it takes; for its owner alone (0600) from its birth. Dropping it leaves
/// nothing behind. Everything here blocks.
#[derive(Debug)]
pub struct Replacement {
    file: File,
    /// `None`: it has taken its place.
    path: Option<TempPath>,
}

impl Replacement {
    /// An empty one beside `path`, whether there is a file or not.
    ///
    /// # Errors
    /// Those of the system, without the name that nobody has chosen.
    pub fn beside(path: &Path) -> Result<Self> {
        let made = NamedTempFile::new_in(directory(path)).map_err(of_system)?;
        let (file, path) = made.into_parts();
        let path = Some(path);
        Ok(Self { file, path })
    }

    /// Writes `bytes` into it, instead of what it had, and onto the disk.
    ///
    /// # Errors
    /// Those of the system.
    pub fn write(&mut self, bytes: &[u8]) -> Result<()> {
        write_whole(&mut self.file, bytes)
    }

    /// Lets everybody read it who can read that file: it gets the same owner and the same permissions.
    ///
    /// # Errors
    /// Those of the system.
    pub fn share_like(&self, before: &Metadata) -> Result<()> {
        keep_owner(&self.file, before)?;
        self.file.set_permissions(before.permissions())
    }

    /// Lets it take the place of `path`, durably. Where another program keeps that open, so that the system refuses it, this
    /// can be tried [again](super::patiently).
    ///
    /// # Errors
    /// Those of the system.
    pub fn take_place(&mut self, path: &Path) -> Result<()> {
        #[cfg(test)]
        super::held::ensure_free(path)?;
        if let Some(spare) = self.path.take() {
            spare.persist(path).map_err(|failed| {
                self.path = Some(failed.path);
                failed.error
            })?;
        }
        sync_parent(path)
    }

    /// The same where there is no file yet.
    ///
    /// # Errors
    /// Those of the system, `AlreadyExists` among them.
    pub fn take_free_place(self, path: &Path) -> Result<()> {
        if let Some(spare) = self.path {
            spare
                .persist_noclobber(path)
                .map_err(|failed| failed.error)?;
        }
        sync_parent(path)
    }
}

/// Takes the file at `path` away, durably. Where another program keeps it open, so that the system refuses it, this can be
/// tried [again](super::patiently). Blocks.
///
/// # Errors
/// Those of the system.
pub fn remove(path: &Path) -> Result<()> {
    std::fs::remove_file(path)?;
    sync_parent(path)
}

/// Writes `bytes` into a file as it lies there, instead of what it has, and onto the disk.
pub(crate) fn write_whole(file: &mut File, bytes: &[u8]) -> Result<()> {
    file.rewind()?;
    file.write_all(bytes)?;
    file.set_len(bytes.len() as u64)?;
    file.sync_all()
}

/// What the system said, without the path that is told behind it.
fn of_system(error: Error) -> Error {
    match error.to_string().split_once(" at path \"") {
        Some((said, _)) => Error::new(error.kind(), said),
        None => error,
    }
}

#[cfg(unix)]
fn keep_owner(file: &File, before: &Metadata) -> Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let ours = file.metadata()?;
    if (ours.uid(), ours.gid()) == (before.uid(), before.gid()) {
        return Ok(());
    }
    fchown(file, Some(before.uid()), Some(before.gid()))
}

#[cfg(not(unix))]
fn keep_owner(_: &File, _: &Metadata) -> Result<()> {
    Ok(())
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Makes a new name in a directory durable, where directories can be synced.
#[cfg(unix)]
fn sync_parent(path: &Path) -> Result<()> {
    sync_directory(&File::open(directory(path))?)
}

#[cfg(not(unix))]
fn sync_parent(_: &Path) -> Result<()> {
    Ok(())
}

/// Makes the names in a directory durable. Some network file systems can't: the names are there all the same.
#[cfg(unix)]
pub(crate) fn sync_directory(directory: impl std::os::fd::AsFd) -> Result<()> {
    match rustix::fs::fsync(directory).map_err(Error::from) {
        Err(error) if syncs_no_directory(&error) => Ok(()),
        outcome => outcome,
    }
}

#[cfg(unix)]
fn syncs_no_directory(error: &Error) -> bool {
    let invalid = rustix::io::Errno::INVAL.raw_os_error();
    error.kind() == std::io::ErrorKind::Unsupported || error.raw_os_error() == Some(invalid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared_file::{held, is_held, patiently};

    #[test]
    fn a_file_that_another_program_looks_at_is_replaced_when_that_is_over() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        std::fs::write(&path, "old").unwrap();
        let mut next = Replacement::beside(&path).unwrap();
        next.write(b"a longer one").unwrap();
        next.write(b"new").unwrap();
        held::hold(&path, u32::MAX);
        let error = patiently(&path, || next.take_place(&path)).unwrap_err();
        assert!(is_held(&error), "{error}");
        held::release(&path);
        held::hold(&path, 300);
        patiently(&path, || next.take_place(&path)).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new");
        drop(next);
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_that_can_not_be_synced_is_told_from_a_disk_that_fails() {
        use rustix::io::Errno;

        let error = |errno: Errno| Error::from_raw_os_error(errno.raw_os_error());
        for errno in [Errno::INVAL, Errno::NOTSUP] {
            assert!(syncs_no_directory(&error(errno)), "{errno}");
        }
        for errno in [Errno::IO, Errno::NOSPC] {
            assert!(!syncs_no_directory(&error(errno)), "{errno}");
        }
    }
}
