//! [`Spy`]: a store that fails on demand.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use auth_core::store::{Attempt, Entry, Generation, SessionKey, StoreLock, TokenStore};
use auth_core::{BoxFuture, Error, Result};
use secrecy::SecretSlice;

/// A store that fails on demand.
#[derive(Debug)]
pub(super) struct Spy {
    inner: Arc<dyn TokenStore>,
    no_load: AtomicBool,
    no_load_once: AtomicBool,
    no_lock: AtomicBool,
    no_save: AtomicBool,
    old: Mutex<Option<(Entry, usize)>>,
}

impl Spy {
    pub(super) fn around(inner: Arc<dyn TokenStore>) -> Arc<Self> {
        Arc::new(Self {
            inner,
            no_load: AtomicBool::new(false),
            no_load_once: AtomicBool::new(false),
            no_lock: AtomicBool::new(false),
            no_save: AtomicBool::new(false),
            old: Mutex::default(),
        })
    }

    pub(super) fn break_down(&self, broken: bool) {
        self.no_load.store(broken, Ordering::Relaxed);
        self.refuse_locks(broken);
    }

    pub(super) fn break_loads(&self, broken: bool) {
        self.no_load.store(broken, Ordering::Relaxed);
    }

    pub(super) fn refuse_load_once(&self) {
        self.no_load_once.store(true, Ordering::Relaxed);
    }

    pub(super) fn refuse_locks(&self, refuse: bool) {
        self.no_lock.store(refuse, Ordering::Relaxed);
    }

    pub(super) fn refuse_saves(&self, refuse: bool) {
        self.no_save.store(refuse, Ordering::Relaxed);
    }

    pub(super) fn pretend(&self, entry: Entry, times: usize) {
        *self.old.lock().unwrap() = Some((entry, times));
    }
}

impl TokenStore for Spy {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        if self.no_lock.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::store("read-only")) });
        }
        self.inner.lock(session)
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        if self.no_load.load(Ordering::Relaxed) || self.no_load_once.swap(false, Ordering::Relaxed)
        {
            return Box::pin(async { Err(Error::store("unreadable")) });
        }
        let mut old = self.old.lock().unwrap();
        if let Some((entry, times)) = old.as_mut()
            && *times > 0
        {
            *times -= 1;
            let entry = Entry::new(entry.bytes.clone(), entry.generation);
            return Box::pin(async { Ok(Some(entry)) });
        }
        self.inner.load(session)
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        if self.no_save.load(Ordering::Relaxed) {
            return Box::pin(async { Err(Error::store("disk full")) });
        }
        self.inner.save(lock, after, bytes)
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        self.inner.remove(lock)
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        self.inner.list()
    }
}
