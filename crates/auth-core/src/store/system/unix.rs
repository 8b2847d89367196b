//! Unix: everything relative to an open directory, no link is followed, modes are right from birth.

use std::fs::{DirBuilder, File};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::DirBuilderExt;
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, Stat};

use crate::shared_file::sync_directory;

pub(in crate::store) type Handle = OwnedFd;

pub(in crate::store) fn open_directory(path: &Path) -> io::Result<Handle> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    Ok(rustix::fs::openat(CWD, path, flags, Mode::empty())?)
}

pub(in crate::store) fn make_directory(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)
}

/// What is wrong with the directory, if anything: a private one is ours, and so is a link to it.
pub(in crate::store) fn exposure(handle: &Handle, path: &Path) -> io::Result<Option<&'static str>> {
    let link = rustix::fs::statat(CWD, path, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?;
    if !is_ours(&link) {
        return Ok(Some("belongs to another user"));
    }
    Ok(wrong(&rustix::fs::fstat(handle)?))
}

pub(in crate::store) fn file_exposure(file: &File) -> io::Result<Option<&'static str>> {
    let stat = rustix::fs::fstat(file)?;
    if FileType::from_raw_mode(stat.st_mode) != FileType::RegularFile {
        return Ok(Some("is no regular file"));
    }
    if stat.st_nlink > 1 {
        return Ok(Some("has a second name (hard link)"));
    }
    Ok(wrong(&stat))
}

/// Opens a file that is no link; `make` makes it (0600) where there is none, and opens it for writing.
pub(in crate::store) fn open_file(
    directory: &Handle,
    _path: &Path,
    name: &str,
    make: bool,
) -> io::Result<File> {
    let always = OFlags::NOFOLLOW | OFlags::CLOEXEC | OFlags::NONBLOCK;
    let flags = if make {
        OFlags::RDWR | OFlags::CREATE
    } else {
        OFlags::RDONLY
    };
    let file = rustix::fs::openat(directory, name, flags | always, Mode::RUSR | Mode::WUSR)?;
    Ok(file.into())
}

pub(in crate::store) fn rename(
    directory: &Handle,
    _path: &Path,
    from: &str,
    to: &str,
) -> io::Result<()> {
    Ok(rustix::fs::renameat(directory, from, directory, to)?)
}

pub(in crate::store) fn remove(directory: &Handle, _path: &Path, name: &str) -> io::Result<()> {
    Ok(rustix::fs::unlinkat(
        directory,
        name,
        rustix::fs::AtFlags::empty(),
    )?)
}

/// Whoever opened it before sees that it is not the current one.
pub(in crate::store) fn remove_lock(directory: &Handle, path: &Path, name: &str) -> io::Result<()> {
    remove(directory, path, name)
}

pub(in crate::store) fn sync(directory: &Handle) -> io::Result<()> {
    sync_directory(directory)
}

pub(in crate::store) fn is_same(
    file: &File,
    directory: &Handle,
    _path: &Path,
    name: &str,
) -> io::Result<bool> {
    let ours = rustix::fs::fstat(file)?;
    let there = rustix::fs::statat(directory, name, rustix::fs::AtFlags::SYMLINK_NOFOLLOW)?;
    Ok(ours.st_ino == there.st_ino && ours.st_dev == there.st_dev)
}

/// Whether the file system knows no locks at all, as some network file systems do.
pub(in crate::store) fn has_no_locks(error: &io::Error) -> bool {
    let no_locks = rustix::io::Errno::NOLCK.raw_os_error();
    error.kind() == io::ErrorKind::Unsupported || error.raw_os_error() == Some(no_locks)
}

/// What taking a right away mends.
pub(in crate::store) const READABLE: &str = "can be read by others";

/// Whether we are the administrator in somebody else's home, where what we make would be in that person's way.
pub(in crate::store) fn is_home_of_another() -> bool {
    let Ok(home) = etcetera::home_dir() else {
        return false;
    };
    let owner = rustix::fs::stat(&home).map(|stat| stat.st_uid);
    rustix::process::geteuid().is_root() && owner.is_ok_and(|owner| owner != 0)
}

fn is_ours(stat: &Stat) -> bool {
    stat.st_uid == rustix::process::geteuid().as_raw()
}

fn wrong(stat: &Stat) -> Option<&'static str> {
    if !is_ours(stat) {
        Some("belongs to another user")
    } else if stat.st_mode & 0o077 != 0 {
        Some(READABLE)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r16_a_file_system_without_locks_is_told_from_one_that_refuses() {
        let error = |errno: rustix::io::Errno| io::Error::from_raw_os_error(errno.raw_os_error());
        for errno in [
            rustix::io::Errno::NOLCK,
            rustix::io::Errno::NOTSUP,
            rustix::io::Errno::NOSYS,
        ] {
            assert!(has_no_locks(&error(errno)), "{errno}");
        }
        for errno in [
            rustix::io::Errno::ACCESS,
            rustix::io::Errno::IO,
            rustix::io::Errno::BADF,
        ] {
            assert!(!has_no_locks(&error(errno)), "{errno}");
        }
    }
}
