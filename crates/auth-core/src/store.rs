//! [`TokenStore`]: where tokens outlive a call, a source or a process.

#[cfg(feature = "file-store")]
mod directory;
#[cfg(feature = "file-store")]
mod envelope;
#[cfg(feature = "file-store")]
mod file;
mod key;
mod memory;
pub(crate) mod small_file;
#[cfg(feature = "file-store")]
mod system;

use std::any::Any;
use std::fmt;
use std::time::{Duration, SystemTime};

use secrecy::SecretSlice;

#[cfg(feature = "file-store")]
pub use file::FileStore;
pub use key::{SessionKey, StoreKey};
pub use memory::MemoryStore;

use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::{Clock, bound};

/// Keeps one entry for each session. Nothing here assumes a file: an entry is secret bytes and a
/// [`Generation`], so a keyring or a database fits, and encryption is a wrapper.
///
/// Safe for concurrent use, within a process and, where the entries are shared, across processes.
/// Every error is of kind `Store`.
pub trait TokenStore: fmt::Debug + Send + Sync {
    /// Tries to lock `session` and does not wait. Success proves that the store can be written.
    /// The lock ends when it is dropped, at the latest with its process or its lease.
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>>;

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

    /// Removes the entry of the locked session, if there is one.
    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>>;

    /// The sessions that have an entry.
    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>>;
}

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

/// The answer to [`TokenStore::lock`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Attempt {
    /// The session is ours.
    Locked(StoreLock),
    /// Somebody else has it.
    Busy {
        /// Set while the holder asks a person: by then it will have given up.
        asking_until: Option<SystemTime>,
    },
}

/// The right to change the entry of one session, until it is dropped.
#[derive(Debug)]
pub struct StoreLock {
    session: SessionKey,
    holds_until: Option<SystemTime>,
    guard: Box<dyn LockGuard>,
}

impl StoreLock {
    /// A lock, for a store of one's own. Dropping `guard` ends it.
    pub fn new(session: SessionKey, guard: impl LockGuard) -> Self {
        Self {
            session,
            holds_until: None,
            guard: Box::new(guard),
        }
    }

    /// Locks a session for which no renewal of ours runs, within a few seconds.
    ///
    /// # Errors
    /// `Unavailable` if somebody else does not let go, or `Store`.
    pub async fn wait(
        store: &dyn TokenStore,
        session: &SessionKey,
        clock: &dyn Clock,
    ) -> Result<Self> {
        for _ in 0..100 {
            if let Attempt::Locked(lock) = store.lock(session).await? {
                return Ok(lock);
            }
            clock.sleep(Duration::from_millis(50)).await;
        }
        Err(
            Error::unavailable("another process is busy with this login")
                .with_advice("try again when it is done"),
        )
    }

    /// Says when a lease ends. Without this the lock holds until it is dropped.
    #[must_use]
    pub fn with_lease(self, until: SystemTime) -> Self {
        Self {
            holds_until: Some(bound::time(until)),
            ..self
        }
    }

    /// The locked session.
    pub fn session(&self) -> &SessionKey {
        &self.session
    }

    /// When the lease ends, if it is one.
    pub fn holds_until(&self) -> Option<SystemTime> {
        self.holds_until
    }

    /// Tells those who wait that the holder asks a person, until then at most; `None` ends it.
    pub async fn announce(&self, asking_until: Option<SystemTime>) {
        self.guard.announce(asking_until).await;
    }

    /// The guard, if it is of the asking store's own type.
    pub fn guard<G: LockGuard>(&self) -> Option<&G> {
        let guard: &dyn Any = &*self.guard;
        guard.downcast_ref()
    }
}

/// A store's own half of a [`StoreLock`].
pub trait LockGuard: Any + fmt::Debug + Send + Sync {
    /// Lets [`Attempt::Busy`] say that the holder asks a person. Best effort.
    fn announce(&self, asking_until: Option<SystemTime>) -> BoxFuture<'_, ()>;
}
