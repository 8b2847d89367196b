//! A store whose locks are leases: as a database would have them.

use std::sync::{Arc, Mutex};
use std::time::SystemTime;

use auth_core::store::{Attempt, Entry, Generation, LockGuard, SessionKey, StoreLock, TokenStore};
use auth_core::{BoxFuture, Result};
use secrecy::SecretSlice;

/// Around another store. The end of a lease is asked of the guard each time.
#[derive(Clone, Debug)]
pub struct Leasing {
    pub inner: Arc<dyn TokenStore>,
    pub until: Arc<Mutex<Option<SystemTime>>>,
}

impl Leasing {
    pub fn around(inner: Arc<dyn TokenStore>) -> Self {
        let until = Arc::default();
        Self { inner, until }
    }

    pub fn ends(&self, until: SystemTime) {
        *self.until.lock().unwrap() = Some(until);
    }
}

#[derive(Debug)]
struct Lease {
    lock: StoreLock,
    until: Arc<Mutex<Option<SystemTime>>>,
}

impl LockGuard for Lease {
    fn announce(&self, asking_until: Option<SystemTime>) -> BoxFuture<'_, ()> {
        Box::pin(self.lock.announce(asking_until))
    }

    fn holds_until(&self) -> Option<SystemTime> {
        *self.until.lock().unwrap()
    }

    fn release(self: Box<Self>) -> BoxFuture<'static, ()> {
        Box::pin(self.lock.release())
    }
}

fn of(lock: &StoreLock) -> &StoreLock {
    &lock.guard::<Lease>().expect("one of ours").lock
}

impl TokenStore for Leasing {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        Box::pin(async move {
            Ok(match self.inner.lock(session).await? {
                Attempt::Locked(lock) => {
                    let until = self.until.clone();
                    Attempt::Locked(StoreLock::new(session.clone(), Lease { lock, until }))
                }
                busy => busy,
            })
        })
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        self.inner.load(session)
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        self.inner.save(of(lock), after, bytes)
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        self.inner.remove(of(lock))
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        self.inner.list()
    }
}
