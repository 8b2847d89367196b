//! [`PerRuntime`]: what each runtime has for itself, such as connections.

use arc_swap::ArcSwap;
use tokio::runtime::{Handle, Id};

use crate::error::{Error, Result};

/// A value, such as a reqwest client and with it a pool of connections, for each tokio runtime and `K`.
///
/// A connection is driven by a task of the runtime that opened it. In another one, while the first stands
/// still or after a fork, a request on it would wait for ever. No lock, and none in a value that two runtimes have: a
/// forked child must not find one held.
pub(super) struct PerRuntime<K, T>(ArcSwap<Vec<((Id, K), T)>>);

impl<K: Copy + PartialEq, T: Clone> PerRuntime<K, T> {
    /// The value of this runtime for `key`, made when it is asked for first. A failure to make one is not remembered.
    pub(super) fn get(&self, key: K, make: impl FnOnce() -> Result<T>) -> Result<T> {
        let here = (runtime()?.id(), key);
        let find = |known: &[((Id, K), T)]| {
            let mut known = known.iter();
            known
                .find(|(place, _)| *place == here)
                .map(|(_, value)| value.clone())
        };
        if let Some(value) = find(&self.0.load()) {
            return Ok(value);
        }
        let value = make()?;
        self.0.rcu(|known| {
            let mut next = known.to_vec();
            if find(known).is_none() {
                next.truncate(MOST - 1);
                next.insert(0, (here, value.clone()));
            }
            next
        });
        Ok(find(&self.0.load()).unwrap_or(value))
    }
}

impl<K, T> Default for PerRuntime<K, T> {
    fn default() -> Self {
        Self(ArcSwap::default())
    }
}

/// The runtime that this runs on.
pub(super) fn runtime() -> Result<Handle> {
    Handle::try_current().map_err(|_| {
        Error::config("the network is used outside a tokio runtime")
            .with_advice("call it from an asynchronous program, or with `auth_core::blocking`")
            .with_nothing_sent()
    })
}

/// How many runtimes and keys have their value. An older one gets a new one.
const MOST: usize = 16;
