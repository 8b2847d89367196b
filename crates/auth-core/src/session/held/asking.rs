//! Asking a person: whether one may be, and everybody who waits is told.

use std::time::{Duration, SystemTime};

use super::Held;
use crate::error::{Error, Result};
use crate::io::clock::{Clock, bound};
use crate::session::Ask;

impl Held {
    /// Whether a person may be asked: nobody is while a token works for this need, unless another one is
    /// wanted.
    pub fn may_ask(&self) -> bool {
        self.need.ask == Ask::Anybody && (!self.suffices || self.need.another)
    }

    /// Runs `work`, which asks a person. Tells other processes so, ends with the last caller or after
    /// `limit`, and takes the announcement back. Every wait for a person goes through here.
    ///
    /// # Errors
    /// Those of `work`; `Interaction` where nobody may be asked, where nobody waits for the outcome any
    /// more, or when `limit` is over.
    pub async fn asking<T>(
        &self,
        clock: &dyn Clock,
        limit: Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.ensure_may_ask()?;
        let limit = bound::length(limit);
        let until = clock.now().wall + limit;
        self.asks(true);
        self.announce(Some(until)).await;
        let outcome = tokio::select! {
            biased;
            () = self.abandoned() => Err(Error::interaction(
                "the question was given up: nobody waits for the answer any more",
            )),
            outcome = work => outcome,
            () = clock.sleep(limit) => Err(Error::interaction(format!(
                "nobody answered within {} s",
                limit.as_secs()
            ))
            .with_advice("try again, and answer in time")),
        };
        self.asks(false);
        self.announce(None).await;
        outcome
    }

    /// To be called before anything is made ready for a person.
    ///
    /// # Errors
    /// `Interaction` where nobody [may be asked](Self::may_ask).
    pub fn ensure_may_ask(&self) -> Result<()> {
        match self.need.ask {
            _ if self.may_ask() => Ok(()),
            Ask::Nobody => Err(Error::interaction("a person would have to be asked")),
            Ask::Anybody => Err(Error::interaction(
                "a person would have to be asked, and the token at hand still works",
            )
            .with_advice("log in again before it ends")),
        }
    }

    /// Tells those who wait that this takes until then at most; `None`: no longer.
    pub(in crate::session) async fn announce(&self, until: Option<SystemTime>) {
        if let Some(lock) = &self.lock {
            lock.announce(until).await;
        }
    }

    /// Tells those who wait for us whether a person is asked: those who may not ask one wait in vain then, and for nothing else.
    fn asks(&self, asks: bool) {
        if let Some(waiters) = &self.waiters {
            waiters.ask(asks);
        }
    }

    /// Completes when nobody waits for the outcome any more.
    pub(in crate::session) async fn abandoned(&self) {
        match &self.waiters {
            Some(waiters) => waiters.gone().await,
            None => std::future::pending().await,
        }
    }

    /// Tells the observer that somebody else is waited for, who asks a person until then at most, if they ask one.
    pub(in crate::session) fn waiting(&self, asking_until: Option<SystemTime>) {
        if let Some((observer, key)) = &self.observer {
            observer.waiting(key, asking_until);
        }
    }
}
