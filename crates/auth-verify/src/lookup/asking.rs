//! [`Asking`]: one question for all who come with the same token at once.

#![expect(
    clippy::disallowed_types,
    reason = "callers with one token find each other here; nobody holds the lock while waiting"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use auth_core::flight::Flight;

use crate::memory::{Hash, hash};

/// The questions in progress, under the hash of the token.
pub(super) struct Asking<T>(Mutex<HashMap<Hash, Arc<Flight<T>>>>);

impl<T: Clone + Send + Sync + 'static> Asking<T> {
    /// The outcome of the run for `token` in progress, or of a new one. `None` where none can be made: there is no
    /// runtime, or as many as there may be are in progress.
    pub(super) async fn one_for<F>(&self, token: &str, run: impl FnOnce() -> F) -> Option<T>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let hash = hash(token);
        let (flight, ticket) = {
            let mut all = self.all();
            if all.len() >= MOST && !all.contains_key(&hash) {
                // Those whose callers have all gone away are still there.
                all.retain(|_, flight| Arc::strong_count(flight) > 1);
                if all.len() >= MOST {
                    return None;
                }
            }
            let flight = all.entry(hash).or_default().clone();
            let ticket = flight.join(|_| run());
            (flight, ticket)
        };
        let outcome = match ticket {
            Some(ticket) => ticket.outcome().await,
            None => None,
        };
        let mut all = self.all();
        if all.get(&hash).is_some_and(|one| Arc::ptr_eq(one, &flight)) {
            all.remove(&hash);
        }
        outcome
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Hash, Arc<Flight<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Default for Asking<T> {
    fn default() -> Self {
        Self(Mutex::new(HashMap::new()))
    }
}

/// How many questions may be in progress.
const MOST: usize = 1_024;
