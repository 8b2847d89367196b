//! [`TokenStore`]: where tokens outlive a call, a source or a process.

#[cfg(feature = "file-store")]
mod directory;
#[cfg(feature = "file-store")]
mod envelope;
#[cfg(feature = "file-store")]
mod file;
mod key;
mod lock;
#[cfg(feature = "file-store")]
mod lock_file;
mod memory;
#[cfg(feature = "file-store")]
mod place;
pub(crate) mod small_file;
#[cfg(feature = "file-store")]
mod system;
mod turn;
mod wait;

use std::fmt;
use std::time::SystemTime;

use secrecy::SecretSlice;

#[cfg(feature = "file-store")]
pub use file::FileStore;
pub use key::{SessionKey, StoreKey};
pub use lock::{Attempt, LockGuard, StoreLock};
pub use memory::MemoryStore;
pub(crate) use wait::{Looked, PATIENCE, Waited, Waiter, wait};

use crate::error::Result;
use crate::future::BoxFuture;

/// Keeps one entry for each session. Nothing here assumes a file: an entry is secret bytes and a
/// [`Generation`], so a keyring or a database fits, and encryption is a wrapper.
///
/// Safe for concurrent use, within a process and, where the entries are shared, across processes.
/// Every error is of kind `Store`.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Tries to lock `session` and does not wait. Success proves that the store can be written.
    /// The lock ends when it is dropped, at the latest with its process or its lease.
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>>;

    /// The same for somebody who only removes: it needs no room, and nothing that lies there is in its way. The
    /// default is [`lock`](Self::lock).
    fn lock_to_remove<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        self.lock(session)
    }

    /// What is stored for `session`. Needs no lock. An entry that can't be read back is no entry.
    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>>;

    /// Replaces the entry of the locked session, whole or not at all, and durably. Refused if the
    /// lock is no longer held, or if the entry is not the one of generation `after` (`None`: there
    /// was none), so that nobody's newer entry is lost and nothing removed comes back.
    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>>;

    /// Says at `now` until when the entry of the locked session is of any use; `None` is for good. A store may
    /// drop it after that. The default keeps it.
    fn expire<'a>(
        &'a self,
        lock: &'a StoreLock,
        end: Option<SystemTime>,
        now: SystemTime,
    ) -> BoxFuture<'a, ()> {
        let _ = (lock, end, now);
        Box::pin(std::future::ready(()))
    }

    /// Whether anything lies under the name of `session`, also what can't be read back. Needs no lock. The
    /// default loads it.
    fn holds<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async move { Ok(self.load(session).await?.is_some()) })
    }

    /// Removes the entry of the locked session, if there is one, and whatever else lies under its name.
    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>>;

    /// The sessions that have an entry.
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>>;

    /// Every entry, or why it can't be read. Needs no lock. The default lists the sessions and loads each.
    fn entries(&self) -> BoxFuture<'_, Result<Entries>> {
        Box::pin(async move {
            let mut entries = Vec::new();
            for session in self.list().await? {
                if let Some(entry) = self.load(&session).await.transpose() {
                    entries.push((session, entry));
                }
            }
            Ok(entries)
        })
    }
}

/// What a store has: the entry of each session, or why it can't be read.
pub type Entries = Vec<(SessionKey, Result<Entry>)>;

/// No entry is longer, in bytes. A store keeps one of that length, or says that it doesn't.
pub(crate) const LONGEST_ENTRY: usize = 1 << 20;

/// What is stored for a session. `Debug` shows no bytes.
#[derive(Debug)]
#[non_exhaustive]
pub struct Entry {
    /// The bytes, in a format that only `auth-core` knows.
    pub bytes: SecretSlice<u8>,
    /// Which version of the entry this is.
    pub generation: Generation,
}

impl Entry {
    /// An entry, for a store of one's own.
    pub fn new(bytes: SecretSlice<u8>, generation: Generation) -> Self {
        Self { bytes, generation }
    }
}

/// Tells one version of an entry from every other, also from those before it was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Generation(u64);

impl Generation {
    /// A generation, for a store of one's own. The number means nothing but itself.
    pub fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub fn number(self) -> u64 {
        self.0
    }
}
