//! A login that another process has in hand.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use auth_core::clock::{Clock, SystemClock};
use auth_core::store::{Attempt, Entries, Entry, Generation, SessionKey, StoreLock, TokenStore};
use auth_core::{BoxFuture, Result};
use secrecy::SecretSlice;

use super::{UNNOTICED, Watched};
use crate::output::wheel;

/// Since when a lock is somebody else's, in milliseconds of the monotonic clock; 0 if none is.
static BUSY_SINCE: AtomicU64 = AtomicU64::new(0);

/// Whoever waits for a lock tries to take it again and again. When they don't any more, they have something to say.
fn tried(attempt: &Attempt) {
    let now = SystemClock::new().now().monotonic.as_millis();
    let now = u64::try_from(now).unwrap_or(u64::MAX).max(1);
    if !matches!(attempt, Attempt::Busy { .. }) {
        if BUSY_SINCE.swap(0, Ordering::Relaxed) > 0 && wheel::is_free() {
            wheel::hide();
        }
        return;
    }
    let since = BUSY_SINCE.compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
    let waited = now.saturating_sub(since.err().unwrap_or(now));
    if u128::from(waited) >= UNNOTICED.as_millis() && wheel::is_free() {
        wheel::show("waiting for another process, which has this login in hand");
    }
}

#[warn(clippy::missing_trait_methods)]
impl<T: TokenStore> TokenStore for Watched<T> {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        Box::pin(async { self.0.lock(session).await.inspect(tried) })
    }

    fn lock_to_remove<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        Box::pin(async { self.0.lock_to_remove(session).await.inspect(tried) })
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        self.0.load(session)
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        self.0.save(lock, after, bytes)
    }

    fn expire<'a>(
        &'a self,
        lock: &'a StoreLock,
        end: Option<SystemTime>,
        now: SystemTime,
    ) -> BoxFuture<'a, ()> {
        self.0.expire(lock, end, now)
    }

    fn holds<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<bool>> {
        self.0.holds(session)
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        self.0.remove(lock)
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        self.0.list()
    }

    fn entries(&self) -> BoxFuture<'_, Result<Entries>> {
        self.0.entries()
    }
}
