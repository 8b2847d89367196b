//! [`Waiting`]: the wait for an account, while others wait for the session that waits.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use super::Account;
use crate::error::Result;
use crate::future::BoxFuture;
use crate::io::clock::bound::seconds;
use crate::session::Held;
use crate::store::{Looked, PATIENCE, TokenStore, Waiter};

/// Whoever waits for an account while their session is locked.
pub(super) struct Waiting<'a> {
    account: &'a Account,
    store: &'a dyn TokenStore,
    held: &'a Held,
    begun: Duration,
    /// Until when those who wait for our session believe that we wait, in seconds since 1970. Zero: they do not.
    announced: AtomicU64,
}

impl<'a> Waiting<'a> {
    pub(super) fn new(account: &'a Account, store: &'a dyn TokenStore, held: &'a Held) -> Self {
        Self {
            account,
            store,
            held,
            begun: account.clock.now().monotonic,
            announced: AtomicU64::new(0),
        }
    }

    /// Our session's lock stays ours as long as the account's holder may need.
    async fn announce(&self, asking_until: Option<SystemTime>) {
        let now = self.account.clock.now();
        let is_long = now.monotonic >= self.begun + UNNOTICED;
        let Some(until) = asking_until.or_else(|| is_long.then(|| now.wall + PATIENCE)) else {
            return;
        };
        let (told, next) = (self.announced.load(Ordering::Relaxed), seconds(until));
        if told + STEP <= next {
            self.announced.store(next, Ordering::Relaxed);
            self.held.announce(Some(until)).await;
        }
    }

    pub(super) async fn ended(&self) {
        if self.announced.swap(0, Ordering::Relaxed) != 0 {
            self.held.announce(None).await;
        }
    }
}

impl Waiter for Waiting<'_> {
    fn look(&self, asking_until: Option<SystemTime>) -> BoxFuture<'_, Result<Looked>> {
        Box::pin(async move {
            self.announce(asking_until).await;
            let entry = self.store.load(&self.account.session).await?;
            Ok(Looked::At(entry.map(|entry| entry.generation)))
        })
    }

    fn told(&self, asking_until: Option<SystemTime>) {
        self.held.waiting(asking_until);
    }
}

/// A wait that is shorter is no matter to those who wait for us.
const UNNOTICED: Duration = Duration::from_secs(5);

/// An announcement that grows by less is not written anew, in seconds.
const STEP: u64 = 10;
