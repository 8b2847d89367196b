//! [`Turn`]: those of one process who want the same session's lock come one after the other.

#![expect(
    clippy::disallowed_types,
    reason = "store/ owns what callers in one process share"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, Weak};
use std::time::SystemTime;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::{SessionKey, TokenStore};

/// The turn of one of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn {
    queue: Arc<Queue>,
    _permit: OwnedSemaphorePermit,
}

/// Those who wait for one session of one store, first come, first served.
#[derive(Debug)]
pub(super) struct Queue {
    turns: Arc<Semaphore>,
    asking_until: Mutex<Option<SystemTime>>,
}

type Queues = HashMap<(usize, SessionKey), Weak<Queue>>;

impl Queue {
    /// The queue for `session` in `store`, as far as this process has one handle on the store.
    pub(super) fn of(store: &dyn TokenStore, session: &SessionKey) -> Arc<Self> {
        static QUEUES: OnceLock<Mutex<Queues>> = OnceLock::new();
        let mut queues = locked(QUEUES.get_or_init(Mutex::default));
        let key = (std::ptr::from_ref(store).addr(), session.clone());
        if let Some(queue) = queues.get(&key).and_then(Weak::upgrade) {
            return queue;
        }
        queues.retain(|_, queue| queue.strong_count() > 0);
        let queue = Arc::new(Self {
            turns: Arc::new(Semaphore::new(1)),
            asking_until: Mutex::new(None),
        });
        queues.insert(key, Arc::downgrade(&queue));
        queue
    }

    /// Waits for its turn, after those who came before.
    pub(super) async fn turn(self: Arc<Self>) -> Turn {
        let turns = self.turns.clone();
        match turns.acquire_owned().await {
            Ok(permit) => Turn {
                queue: self,
                _permit: permit,
            },
            // Nobody closes it.
            Err(_) => std::future::pending().await,
        }
    }

    /// Set while whoever has the turn asks a person.
    pub(super) fn asking_until(&self) -> Option<SystemTime> {
        *locked(&self.asking_until)
    }
}

impl Turn {
    pub(super) fn announce(&self, asking_until: Option<SystemTime>) {
        *locked(&self.queue.asking_until) = asking_until;
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.announce(None);
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
