//! A session's files while its lock is held.

#![expect(
    clippy::disallowed_types,
    reason = "store/ owns what survives a call, and the calls that block"
)]

use std::fmt;
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretSlice};

use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::store::directory::{self, Directory, LONGEST};
use crate::store::envelope::{Envelope, Found};
use crate::store::{Attempt, Generation, LockGuard, SessionKey, StoreLock};

/// The least that is reserved for an entry before anything is spent.
const RESERVE: usize = 16 << 10;

/// How the names of entries end.
pub(super) const ENTRY: &str = ".json";

/// The names of a session's files.
pub(super) struct Names {
    pub(super) entry: String,
    lock: String,
    spare: String,
}

impl Names {
    pub(super) fn of(session: &SessionKey) -> Self {
        let stem = session.digest();
        Self {
            entry: format!("{stem}{ENTRY}"),
            lock: format!("{stem}.lock"),
            spare: format!("{stem}.spare"),
        }
    }
}

/// A session's lock, held until this is dropped.
pub(super) struct Locked {
    pub(super) directory: Directory,
    names: Names,
    lock: File,
    /// The room that is reserved for the next entry; taken by the save.
    spare: Mutex<Option<File>>,
    /// Whether nothing is left that the lock is of.
    is_removed: AtomicBool,
}

#[derive(Debug)]
pub(super) struct Guard(pub(super) Arc<Locked>);

impl LockGuard for Guard {
    fn announce(&self, asking_until: Option<SystemTime>) -> BoxFuture<'_, ()> {
        let locked = self.0.clone();
        Box::pin(async move {
            let work = move || directory::note(&locked.lock, asking_until);
            // Nobody is worse off than without the announcement.
            let _ = tokio::task::spawn_blocking(work).await;
        })
    }
}

impl fmt::Debug for Locked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Locked")
            .field("entry", &self.names.entry)
            .finish_non_exhaustive()
    }
}

pub(super) fn lock(path: &Path, session: SessionKey) -> Result<Attempt> {
    let (directory, names) = (Directory::make(path)?, Names::of(&session));
    attempt(directory, names, session.clone(), |directory, names| {
        let size = match directory.read(&names.entry)? {
            Some(bytes) => {
                match Envelope::read(&bytes)? {
                    Found::Entry(envelope) if *envelope.session() == session => {}
                    Found::Older => directory.name_older(&names.entry),
                    _ => directory.move_aside(&names.entry)?,
                }
                bytes.expose_secret().len()
            }
            None => 0,
        };
        let room = RESERVE.max(size * 2).min(LONGEST);
        directory.reserve(&names.spare, room).map(Some)
    })
}

/// Tries to take the lock, and to get ready what its holder needs.
pub(super) fn attempt(
    directory: Directory,
    names: Names,
    session: SessionKey,
    ready: impl FnOnce(&Directory, &Names) -> Result<Option<File>>,
) -> Result<Attempt> {
    let Some(lock) = directory.lock(&names.lock)? else {
        return Ok(Attempt::Busy {
            asking_until: directory.noted(&names.lock),
        });
    };
    let spare = Mutex::new(ready(&directory, &names)?);
    let locked = Locked {
        directory,
        names,
        lock,
        spare,
        is_removed: AtomicBool::new(false),
    };
    Ok(Attempt::Locked(StoreLock::new(
        session,
        Guard(Arc::new(locked)),
    )))
}

/// The entry of `session`: one of another session under its name is damage, and one of an older format is none.
pub(super) fn read(
    directory: &Directory,
    names: &Names,
    session: &SessionKey,
) -> Result<Option<Envelope>> {
    let found = directory.read(&names.entry)?;
    match found.map(|bytes| Envelope::read(&bytes)).transpose()? {
        Some(Found::Entry(envelope)) => {
            Ok(Some(envelope).filter(|envelope| envelope.session() == session))
        }
        Some(Found::Older) => {
            directory.name_older(&names.entry);
            Ok(None)
        }
        Some(Found::Damage) | None => Ok(None),
    }
}

impl Locked {
    pub(super) fn save(
        &self,
        session: SessionKey,
        after: Option<Generation>,
        bytes: SecretSlice<u8>,
    ) -> Result<Generation> {
        self.ensure_held()?;
        let old = read(&self.directory, &self.names, &session)?;
        if old.as_ref().map(Envelope::generation) != after {
            return Err(Error::store(
                "the entry was changed or removed in the meantime",
            ));
        }
        let envelope = Envelope::new(session, bytes, old.as_ref())?;
        let text = envelope.write()?;
        if text.expose_secret().len() > LONGEST {
            return Err(Error::store("the login is too long to be kept")
                .with_advice("ask the server for smaller tokens, or keep them in memory only"));
        }
        let spare = match self.take_spare() {
            Some(spare) => spare,
            None => self
                .directory
                .reserve(&self.names.spare, text.expose_secret().len())?,
        };
        self.directory
            .replace(spare, &self.names.spare, &self.names.entry, &text)?;
        self.is_removed.store(false, Ordering::Release);
        Ok(envelope.generation())
    }

    pub(super) fn remove(&self) -> Result<()> {
        self.ensure_held()?;
        self.directory.remove(&self.names.entry)?;
        self.directory.remove_aside(&self.names.entry)?;
        drop(self.take_spare());
        self.directory.remove(&self.names.spare)?;
        self.is_removed.store(true, Ordering::Release);
        Ok(())
    }

    fn take_spare(&self) -> Option<File> {
        let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
        spare.take()
    }

    /// Whoever deletes a lock file takes the lock away from its holder.
    fn ensure_held(&self) -> Result<()> {
        if self.directory.is_current(&self.lock, &self.names.lock) {
            return Ok(());
        }
        Err(Error::store(
            "the lock file was deleted while the lock was held",
        ))
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        if self.is_removed.load(Ordering::Acquire) {
            self.directory.remove_lock(&self.lock, &self.names.lock);
        }
    }
}
