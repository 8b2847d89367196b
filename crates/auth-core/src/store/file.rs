//! [`FileStore`]: entries as files of their own, shared by the processes of one user.

#![expect(
    clippy::disallowed_methods,
    reason = "store/ owns what survives a call, and the calls that block"
)]

mod locked;
mod names;

use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretSlice};

use self::locked::{Guard, Locked, attempt, lock, read};
use self::names::{ENTRY, Names};
use super::directory::Directory;
use super::envelope::{Envelope, Found};
use super::{Attempt, Entries, Entry, Generation, SessionKey, StoreLock, TokenStore};
use crate::error::{Error, Result};
use crate::future::BoxFuture;

/// A [`TokenStore`] in a directory (0700) with a file (0600) for each session, its lock beside it.
///
/// A save is whole or not at all: the file is written and synced beside the old one, then takes its
/// place, and the directory is synced. Where another program keeps the old one open, as virus scanners and backups do on
/// Windows, that is tried again for some seconds; then the new one lies beside it, is preferred, and takes its place later. Room for it is reserved when the lock is taken, so that a full disk
/// shows before a refresh token is spent. Locks are the kernel's (`flock`, `LockFileEx`): they vanish with
/// their holder; on a file system without locks a warning says so, each writer has a
/// spare file of its own, and an entry is replaced only by whoever has read it. A directory or file that belongs to another user, or that others can read, is
/// refused. A file that can't be read back, or that is another session's, is moved aside as `….corrupt-<time>`, in
/// the place of one that was before. One of an older format counts as none, is named in a warning, and stays until a new
/// login takes its place or it is removed; one of a newer format is an error and stays. Blocking work runs on tokio's
/// threads for it. Safe for concurrent use by threads and processes on one machine.
#[derive(Clone)]
pub struct FileStore(Arc<PathBuf>);

impl FileStore {
    /// A store in `directory`, which is made at the first save. Does no I/O.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self(Arc::new(directory.into()))
    }

    /// The store of the application `name` at the platform's place for what stays on one machine:
    /// `<place>/<name>/tokens`, in `$XDG_STATE_HOME` on Linux (`~/.local/state` by default), in
    /// `~/Library/Application Support` on macOS, in `%LOCALAPPDATA%` on Windows. Reads the environment.
    ///
    /// # Errors
    /// `Store` where there is no home directory.
    pub fn for_application(name: &str) -> Result<Self> {
        let state = super::place::state().ok_or_else(|| {
            Error::store("there is no home directory to keep tokens in")
                .with_advice("set HOME, or name a directory for the token store")
        })?;
        if super::system::is_home_of_another() {
            return Err(Error::store(
                "HOME is another user's, in whose way a token store of the administrator would be",
            )
            .with_advice(
                "let HOME be your own (`sudo -H`), or name a directory for the token store",
            ));
        }
        Ok(Self::new(state.join(name).join("tokens")))
    }

    /// The directory.
    pub fn directory(&self) -> &Path {
        &self.0
    }

    /// Runs `work` where it may block.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let path = self.0.clone();
        let run = tokio::task::spawn_blocking(move || work(&path)).await;
        run.unwrap_or_else(|_| Err(Error::store("the token store's work was cut off")))
    }
}

impl TokenStore for FileStore {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        let session = session.clone();
        Box::pin(self.run(move |path| lock(path, session)))
    }

    fn lock_to_remove<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        let session = session.clone();
        Box::pin(self.run(move |path| {
            let directory = Directory::make(path)?;
            let names = Names::of(&session);
            // What others could read must be ended at the server, so it is not removed unread.
            for entry in names.entries() {
                directory.ensure_unexposed(&entry)?;
            }
            attempt(directory, names, session, |_, _| Ok(None))
        }))
    }

    fn holds<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<bool>> {
        let names = Names::of(session);
        Box::pin(self.run(move |path| {
            let Some(directory) = Directory::open(path)? else {
                return Ok(false);
            };
            for entry in names.entries() {
                if directory.has(&entry) || !directory.aside(&entry)?.is_empty() {
                    return Ok(true);
                }
            }
            Ok(false)
        }))
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        let session = session.clone();
        Box::pin(self.run(move |path| {
            let Some(directory) = Directory::open(path)? else {
                return Ok(None);
            };
            let envelope = read(&directory, &Names::of(&session), &session)?;
            Ok(envelope.map(Envelope::into_entry))
        }))
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        let bytes = SecretSlice::from(bytes.expose_secret().to_vec());
        Box::pin(async move {
            let (locked, session) = (self.locked(lock)?, lock.session().clone());
            self.run(move |_| locked.save(session, after, bytes)).await
        })
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let locked = self.locked(lock)?;
            self.run(move |_| locked.remove()).await
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        Box::pin(self.run(|path| {
            let owners = each(path, |_, _, bytes| Some((Envelope::owner(bytes)?, ())))?;
            Ok(owners.into_iter().map(|(owner, ())| owner).collect())
        }))
    }

    fn entries(&self) -> BoxFuture<'_, Result<Entries>> {
        Box::pin(self.run(|path| {
            each(path, |directory, name, bytes| match Envelope::read(bytes) {
                Ok(Found::Entry(envelope)) => {
                    Some((envelope.session().clone(), Ok(envelope.into_entry())))
                }
                Ok(Found::Older) => {
                    directory.name_older(name);
                    None
                }
                Ok(Found::Damage) => None,
                Err(error) => Some((Envelope::owner(bytes)?, Err(error))),
            })
        }))
    }
}

/// What `read` makes of each file that lies under the name of its session.
fn each<T>(
    path: &Path,
    read: impl Fn(&Directory, &str, &SecretSlice<u8>) -> Option<(SessionKey, T)>,
) -> Result<Vec<(SessionKey, T)>> {
    let Some(directory) = Directory::open(path)? else {
        return Ok(Vec::new());
    };
    let names = directory.names()?;
    let stems = names.iter().filter(|name| name.ends_with(ENTRY));
    let stems: BTreeSet<_> = stems.filter_map(|name| name.split('.').next()).collect();
    let found = stems.into_iter().filter_map(|stem| {
        let newest = Names::of_stem(stem.to_owned()).newest(&directory);
        let newest = newest.ok().flatten()?;
        let read = read(&directory, &newest.name, &newest.bytes);
        read.filter(|(owner, _)| owner.digest() == stem)
    });
    Ok(found.collect())
}

impl FileStore {
    fn locked(&self, lock: &StoreLock) -> Result<Arc<Locked>> {
        match lock.guard::<Guard>() {
            Some(Guard(locked)) if *locked.directory.path() == **self.0 => Ok(locked.clone()),
            _ => Err(Error::store("the lock belongs to another token store")),
        }
    }
}

impl fmt::Debug for FileStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("FileStore").field(&self.0).finish()
    }
}
