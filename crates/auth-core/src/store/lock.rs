//! [`StoreLock`]: the right to change the entry of one session.

use std::any::Any;
use std::fmt;
use std::time::{Duration, SystemTime};

use super::SessionKey;
use super::turn::Turn;
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::{Clock, bound};

/// The answer to [`TokenStore::lock`](super::TokenStore::lock).
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

/// The right to change the entry of one session, until it is released or dropped.
#[derive(Debug)]
pub struct StoreLock {
    session: SessionKey,
    guard: Box<dyn LockGuard>,
    /// Our place before the others of this process, who wait without looking.
    turn: Option<Turn>,
}

impl StoreLock {
    /// A lock, for a store of one's own. Dropping `guard` ends it.
    pub fn new(session: SessionKey, guard: impl LockGuard) -> Self {
        Self {
            session,
            guard: Box::new(guard),
            turn: None,
        }
    }

    pub(super) fn with_turn(self, turn: Turn) -> Self {
        let turn = Some(turn);
        Self { turn, ..self }
    }

    /// The locked session.
    pub fn session(&self) -> &SessionKey {
        &self.session
    }

    /// When the lease ends, if it is one.
    pub fn holds_until(&self) -> Option<SystemTime> {
        self.guard.holds_until().map(bound::time)
    }

    /// Makes sure that it outlives a request of that length.
    ///
    /// # Errors
    /// `Unavailable` if the lease ends sooner: somebody else could spend the same refresh token.
    pub(crate) fn ensure_outlives(&self, request: Duration, clock: &dyn Clock) -> Result<()> {
        match self.holds_until() {
            Some(end) if clock.now().wall + bound::length(request) > end => {
                Err(Error::unavailable(
                    "the token store's lock ends before the request could be answered",
                )
                .with_advice("try again, or let the store lease its locks for longer")
                .with_nothing_sent())
            }
            _ => Ok(()),
        }
    }

    /// Tells those who wait that the holder asks a person, until then at most; `None` ends it.
    pub async fn announce(&self, asking_until: Option<SystemTime>) {
        if let Some(turn) = &self.turn {
            turn.announce(asking_until);
        }
        self.guard.announce(asking_until).await;
    }

    /// Leaves a word for whoever has the lock next, also where this process dies before it lets go; `None` takes it
    /// back. Best effort.
    pub async fn leave(&self, word: Option<&str>) {
        self.guard.leave(word).await;
    }

    /// The word that was left when the lock was taken.
    pub fn left(&self) -> Option<&str> {
        self.guard.left()
    }

    /// Ends the lock, which may take a wait. Dropping it ends it too, as soon as that can be done.
    pub async fn release(self) {
        self.guard.release().await;
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

    /// Leaves a word, of at most 200 bytes and without secrets, for whoever has the lock next, also where this process
    /// dies; `None` takes it back. Best effort, and it should cost little: it is written before each request that spends
    /// a refresh token. The default leaves none.
    fn leave<'a>(&'a self, word: Option<&'a str>) -> BoxFuture<'a, ()> {
        let _ = word;
        Box::pin(std::future::ready(()))
    }

    /// The word that was there when the lock was taken. The default has none.
    fn left(&self) -> Option<&str> {
        None
    }

    /// When the lease ends, asked anew each time: a lease may be prolonged. The default is a lock that
    /// holds until it is dropped.
    fn holds_until(&self) -> Option<SystemTime> {
        None
    }

    /// Ends the lock. The default drops the guard.
    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        drop(self);
        Box::pin(std::future::ready(()))
    }
}
