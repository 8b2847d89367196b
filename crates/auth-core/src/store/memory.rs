//! [`MemoryStore`]: entries for as long as the process runs.

#![expect(clippy::disallowed_types, reason = "store/ owns what survives a call")]

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretSlice};

use super::{Attempt, Entry, Generation, LockGuard, SessionKey, StoreLock, TokenStore};
use crate::error::{Error, Result};
use crate::future::BoxFuture;

/// A [`TokenStore`] in memory: the default. `Clone` gives another handle on the same entries. What is of no use any
/// more goes when others come.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<Table>>);

#[derive(Default)]
struct Table {
    slots: HashMap<SessionKey, Slot>,
    saves: u64,
    /// Of how many slots the useless ones are looked for.
    crowd: usize,
}

#[derive(Default)]
struct Slot {
    entry: Option<(SecretSlice<u8>, Generation)>,
    /// Until when the entry is of any use; `None` is for good.
    end: Option<SystemTime>,
    locked: bool,
    /// For whoever locks it next.
    word: Option<String>,
    asking_until: Option<SystemTime>,
}

impl MemoryStore {
    /// A store without entries.
    pub fn new() -> Self {
        Self::default()
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn held(&self, lock: &StoreLock) -> Result<()> {
        match lock.guard::<Guard>() {
            Some(guard) if Arc::ptr_eq(&guard.store.0, &self.0) => Ok(()),
            _ => Err(Error::store("the lock belongs to another token store")),
        }
    }
}

impl Table {
    /// Drops what is of no use, as soon as that can be half of all.
    fn tidy(&mut self, now: SystemTime) {
        if self.slots.len() < self.crowd.max(FEW) {
            return;
        }
        let is_useful = |slot: &Slot| slot.entry.is_some() && slot.end.is_none_or(|end| now < end);
        self.slots.retain(|_, slot| slot.locked || is_useful(slot));
        self.crowd = self.slots.len() * 2;
    }
}

/// So few entries are never too many.
const FEW: usize = 64;

impl TokenStore for MemoryStore {
    fn lock<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Attempt>> {
        Box::pin(async move {
            let mut table = self.table();
            let slot = table.slots.entry(session.clone()).or_default();
            if slot.locked {
                return Ok(Attempt::Busy {
                    asking_until: slot.asking_until,
                });
            }
            slot.locked = true;
            let guard = Guard {
                store: self.clone(),
                session: session.clone(),
                left: slot.word.clone(),
            };
            Ok(Attempt::Locked(StoreLock::new(session.clone(), guard)))
        })
    }

    fn load<'a>(&'a self, session: &'a SessionKey) -> BoxFuture<'a, Result<Option<Entry>>> {
        Box::pin(async move {
            let table = self.table();
            let entry = table
                .slots
                .get(session)
                .and_then(|slot| slot.entry.as_ref());
            Ok(entry.map(|(bytes, generation)| Entry::new(bytes.clone(), *generation)))
        })
    }

    fn save<'a>(
        &'a self,
        lock: &'a StoreLock,
        after: Option<Generation>,
        bytes: &'a SecretSlice<u8>,
    ) -> BoxFuture<'a, Result<Generation>> {
        Box::pin(async move {
            self.held(lock)?;
            let bytes = SecretSlice::from(bytes.expose_secret().to_vec());
            let mut table = self.table();
            table.saves += 1;
            let next = Generation(table.saves);
            let slot = table.slots.entry(lock.session().clone()).or_default();
            if slot.entry.as_ref().map(|(_, generation)| *generation) != after {
                return Err(Error::store(
                    "the entry was changed or removed in the meantime",
                ));
            }
            slot.entry = Some((bytes, next));
            slot.end = None;
            Ok(next)
        })
    }

    fn expire<'a>(
        &'a self,
        lock: &'a StoreLock,
        end: Option<SystemTime>,
        now: SystemTime,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut table = self.table();
            if let Some(slot) = table.slots.get_mut(lock.session()) {
                slot.end = end;
            }
            table.tidy(now);
        })
    }

    fn remove<'a>(&'a self, lock: &'a StoreLock) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            self.held(lock)?;
            if let Some(slot) = self.table().slots.get_mut(lock.session()) {
                slot.entry = None;
            }
            Ok(())
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<SessionKey>>> {
        Box::pin(async move {
            let table = self.table();
            let full = table.slots.iter().filter(|(_, slot)| slot.entry.is_some());
            Ok(full.map(|(session, _)| session.clone()).collect())
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

#[derive(Debug)]
struct Guard {
    store: MemoryStore,
    session: SessionKey,
    left: Option<String>,
}

impl LockGuard for Guard {
    fn announce(&self, asking_until: Option<SystemTime>) -> BoxFuture<'_, ()> {
        if let Some(slot) = self.store.table().slots.get_mut(&self.session) {
            slot.asking_until = asking_until;
        }
        Box::pin(async {})
    }

    fn leave<'a>(&'a self, word: Option<&'a str>) -> BoxFuture<'a, ()> {
        if let Some(slot) = self.store.table().slots.get_mut(&self.session) {
            slot.word = word.map(str::to_owned);
        }
        Box::pin(async {})
    }

    fn left(&self) -> Option<&str> {
        self.left.as_deref()
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        let mut table = self.store.table();
        if let Some(slot) = table.slots.get_mut(&self.session) {
            slot.locked = false;
            slot.asking_until = None;
            if slot.entry.is_none() && slot.word.is_none() {
                table.slots.remove(&self.session);
            }
        }
    }
}
