//! Everywhere else: by path. The user's own profile directory is what keeps others out.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

pub(in crate::store) struct Handle;

pub(in crate::store) fn open_directory(path: &Path) -> io::Result<Handle> {
    if path.metadata()?.is_dir() {
        return Ok(Handle);
    }
    Err(io::Error::new(
        io::ErrorKind::NotADirectory,
        "not a directory",
    ))
}

/// What taking a right away mends.
pub(in crate::store) const READABLE: &str = "can be read by others";

pub(in crate::store) fn is_home_of_another() -> bool {
    false
}

pub(in crate::store) fn make_directory(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

pub(in crate::store) fn exposure(_: &Handle, _: &Path) -> io::Result<Option<&'static str>> {
    Ok(None)
}

pub(in crate::store) fn file_exposure(file: &File) -> io::Result<Option<&'static str>> {
    Ok((!file.metadata()?.is_file()).then_some("is no regular file"))
}

pub(in crate::store) fn open_file(
    _: &Handle,
    path: &Path,
    _: &str,
    make: bool,
) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(make)
        .create(make)
        .truncate(false)
        .open(path)
}

pub(in crate::store) fn rename(_: &Handle, path: &Path, from: &str, to: &str) -> io::Result<()> {
    std::fs::rename(path.join(from), path.join(to))
}

pub(in crate::store) fn remove(_: &Handle, path: &Path, name: &str) -> io::Result<()> {
    std::fs::remove_file(path.join(name))
}

/// A lock file stays: nothing here tells it from the one that would come after it.
pub(in crate::store) fn remove_lock(_: &Handle, _: &Path, _: &str) -> io::Result<()> {
    Ok(())
}

pub(in crate::store) fn sync(_: &Handle) -> io::Result<()> {
    Ok(())
}

pub(in crate::store) fn is_same(_: &File, _: &Handle, path: &Path, _: &str) -> io::Result<bool> {
    path.try_exists()
}

pub(in crate::store) fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::Unsupported
}
