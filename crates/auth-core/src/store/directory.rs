//! [`Directory`]: a private directory, and files in it that nobody else can read or swap.

#![expect(
    clippy::disallowed_types,
    reason = "store/ owns what survives a call, and the calls that block"
)]

mod writing;

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use secrecy::SecretSlice;

use super::lock_file::LockFile;
use super::system;
use crate::error::{Error, Result};
use crate::io::clock::bound::seconds;
use crate::shared_file::{is_held, patiently};

/// No entry is longer, with the lines before it.
pub(super) const LONGEST: usize = super::LONGEST_ENTRY + (64 << 10);

pub(super) struct Directory {
    path: PathBuf,
    handle: system::Handle,
}

impl Directory {
    /// Opens the directory if there is one, and if it is private.
    pub(super) fn open(path: &Path) -> Result<Option<Self>> {
        let handle = match system::open_directory(path) {
            Ok(handle) => handle,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("open", path, error)),
        };
        let directory = Self {
            path: path.to_owned(),
            handle,
        };
        match system::exposure(&directory.handle, path) {
            Ok(None) => Ok(Some(directory)),
            Ok(Some(exposure)) => Err(exposed(path, exposure, "700")),
            Err(error) => Err(failed("examine", path, error)),
        }
    }

    /// Opens it, after making it (0700) where there is none.
    pub(super) fn make(path: &Path) -> Result<Self> {
        if let Some(directory) = Self::open(path)? {
            return Ok(directory);
        }
        system::make_directory(path).map_err(|error| failed("make", path, error))?;
        Self::open(path)?
            .ok_or_else(|| Error::store(format!("the token store {} went away", path.display())))
    }

    pub(super) fn path(&self) -> &PathBuf {
        &self.path
    }

    pub(super) fn names(&self) -> Result<Vec<String>> {
        let entries =
            std::fs::read_dir(&self.path).map_err(|error| failed("list", &self.path, error))?;
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        Ok(names.collect())
    }

    /// The whole of a file, if there is one. What is longer than any entry is read no further, which shows as
    /// damage.
    pub(super) fn read(&self, name: &str) -> Result<Option<SecretSlice<u8>>> {
        let path = self.path.join(name);
        let file = match self.open_file(&path, name, false) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(failed("read", &path, error)),
        };
        self.ensure_private(&file, &path)?;
        // Room for all of it, so that no copy is left where a shorter buffer was.
        let length = file.metadata().map_or(0, |data| data.len());
        let length = usize::try_from(length).unwrap_or(LONGEST).min(LONGEST);
        let mut bytes = Vec::with_capacity(length + 1);
        let read = file.take(LONGEST as u64 + 1).read_to_end(&mut bytes);
        let bytes = SecretSlice::from(bytes);
        read.map_err(|error| failed("read", &path, error))?;
        Ok(Some(bytes))
    }

    /// Opens a file as [`system::open_file`] does, once no other program keeps it to itself.
    fn open_file(&self, path: &Path, name: &str, make: bool) -> std::io::Result<File> {
        patiently(path, || system::open_file(&self.handle, path, name, make))
    }

    /// Makes sure that nobody else can read a file, if there is one that can be opened at all.
    pub(super) fn ensure_unexposed(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match system::open_file(&self.handle, &path, name, false) {
            Ok(file) => self.ensure_private(&file, &path),
            Err(_) => Ok(()),
        }
    }

    /// Locks a file that is made for it, and deleted only by whoever has it locked. `None` while somebody else has
    /// it, or had it until now.
    pub(super) fn lock(&self, name: &str) -> Result<Option<LockFile>> {
        let path = self.path.join(name);
        let file = self
            .open_file(&path, name, true)
            .map_err(|error| failed("make", &path, error))?;
        self.ensure_private(&file, &path)?;
        match file.try_lock() {
            Ok(()) if self.is_current(&file, name) => Ok(Some(LockFile::of(file, true))),
            Ok(()) => Ok(None),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) if system::has_no_locks(&error) => {
                // What is left is that nobody replaces an entry that is not the one it has read.
                tracing::warn!(
                    file = %path.display(),
                    "this file system has no locks: two processes may renew the same login at once"
                );
                Ok(Some(LockFile::of(file, false)))
            }
            Err(std::fs::TryLockError::Error(error)) => Err(failed("lock", &path, error)),
        }
    }

    /// Whether `file` is still the one of that name.
    pub(super) fn is_current(&self, file: &File, name: &str) -> bool {
        system::is_same(file, &self.handle, &self.path.join(name), name).unwrap_or(false)
    }

    /// Writes a note for whoever looks, or takes it back. Nobody is worse off without it, so nothing is synced.
    pub(super) fn note(&self, name: &str, text: Option<&str>) {
        let write = |text: &str| {
            let mut file = system::open_file(&self.handle, &self.path.join(name), name, true)?;
            file.set_len(0)?;
            file.write_all(text.as_bytes())
        };
        let _ = match text {
            Some(text) => write(text),
            // Where somebody reads it, and it can't go, it is empty.
            None => match system::remove(&self.handle, &self.path, name) {
                Err(error) if is_held(&error) => write(""),
                outcome => outcome,
            },
        };
    }

    /// The note of that name, if there is one.
    pub(super) fn noted(&self, name: &str) -> Option<String> {
        let file = system::open_file(&self.handle, &self.path.join(name), name, false).ok()?;
        let mut text = String::new();
        file.take(NOTE).read_to_string(&mut text).ok()?;
        Some(text)
    }

    /// Renames a damaged file after the time it was written at. One that was damaged before goes: it may hold
    /// tokens.
    pub(super) fn move_aside(&self, name: &str) -> Result<()> {
        self.remove_aside(name)?;
        let path = self.path.join(name);
        let written = path.metadata().and_then(|data| data.modified());
        let written = written.unwrap_or(SystemTime::UNIX_EPOCH);
        let aside = format!("{name}{ASIDE}{}", seconds(written));
        tracing::warn!(file = %path.display(), aside, "a damaged token file is moved aside");
        patiently(&path, || self.rename(name, &aside)).map_err(|error| failed("move", &path, error))
    }

    /// Says, once in this process, that a file is of an older format.
    pub(super) fn name_older(&self, name: &str) {
        static NAMED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
        let path = self.path.join(name);
        let mut named = NAMED.lock().unwrap_or_else(PoisonError::into_inner);
        if named.insert(path.clone()) {
            tracing::warn!(
                file = %path.display(),
                "a token file of an older format counts as none, and is left alone until a new login takes its place: log in again"
            );
        }
    }

    /// Deletes what was moved aside.
    pub(super) fn remove_aside(&self, name: &str) -> Result<()> {
        for aside in self.aside(name)? {
            self.remove(&aside)?;
        }
        Ok(())
    }

    /// What was moved aside.
    pub(super) fn aside(&self, name: &str) -> Result<Vec<String>> {
        let mut names = self.names()?;
        names.retain(|other| {
            other
                .strip_prefix(name)
                .is_some_and(|rest| rest.starts_with(ASIDE))
        });
        Ok(names)
    }

    /// Whether there is anything of that name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.path.join(name).symlink_metadata().is_ok()
    }

    pub(super) fn remove(&self, name: &str) -> Result<()> {
        let path = self.path.join(name);
        match patiently(&path, || self.remove_now(name)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(failed("delete", &path, error))
            }
            _ => Ok(()),
        }
    }

    /// The same, if no other program is in the way now.
    pub(super) fn remove_now(&self, name: &str) -> std::io::Result<()> {
        #[cfg(test)]
        crate::shared_file::held::ensure_free(&self.path.join(name))?;
        system::remove(&self.handle, &self.path, name)
    }

    /// Deletes every file whose name begins and ends so.
    pub(super) fn remove_all(&self, start: &str, end: &str) -> Result<()> {
        let mut names = self.names()?;
        names.retain(|name| name.starts_with(start) && name.ends_with(end));
        names.iter().try_for_each(|name| self.remove(name))
    }

    /// Deletes a lock file that is locked. Best effort.
    pub(super) fn remove_lock(&self, lock: &File, name: &str) {
        if self.is_current(lock, name) {
            let _ = system::remove_lock(&self.handle, &self.path, name);
        }
    }

    fn ensure_private(&self, file: &File, path: &Path) -> Result<()> {
        match system::file_exposure(file) {
            Ok(None) => Ok(()),
            Ok(Some(exposure)) => Err(exposed(path, exposure, "600")),
            Err(error) => Err(failed("examine", path, error)),
        }
    }
}

const ASIDE: &str = ".corrupt-";

/// No note is longer.
const NOTE: u64 = 64;

fn failed(what: &str, path: &Path, error: std::io::Error) -> Error {
    let shown = path.display();
    if is_held(&error) {
        return Error::store(format!(
            "can't {what} {shown}, which another program keeps open: {error}"
        ))
        .with_advice("let virus scanners and backups leave the token store alone, and try again");
    }
    Error::store(format!("can't {what} {shown}: {error}"))
        .with_advice("name another directory for the token store, or keep tokens in memory only")
}

fn exposed(path: &Path, exposure: &str, mode: &str) -> Error {
    let holds_more = holds_directories(path);
    let path = path.display();
    Error::store(format!("{path} {exposure}")).with_advice(match exposure {
        // Such as /tmp or a home directory, which others need as it is.
        system::READABLE if holds_more => "name a directory for the token store alone".to_owned(),
        system::READABLE => {
            format!("run `chmod {mode} {path}` if it is yours alone, or name another one")
        }
        _ => "name another directory for the token store".to_owned(),
    })
}

/// Whether a directory holds others. No token store does.
fn holds_directories(path: &Path) -> bool {
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries
        .into_iter()
        .any(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
}
