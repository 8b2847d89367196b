//! [`Pools`]: connections, apart for each runtime.

use arc_swap::ArcSwap;
use tokio::runtime::{Handle, Id};

use super::route::Route;
use crate::error::{Error, Result};

/// A reqwest client, and with it a pool of connections, for each tokio runtime and route.
///
/// A connection is driven by a task of the runtime that opened it. In another one, while the first stands
/// still or after a fork, a request on it would wait for ever. No lock: a forked child must not find one held.
#[derive(Default)]
pub(super) struct Pools(ArcSwap<Vec<Pool>>);

type Pool = ((Id, Route), reqwest::Client);

impl Pools {
    /// The client of this runtime for `route`, made at its first request. A failure to make one is not remembered.
    pub(super) fn client(
        &self,
        route: Route,
        make: impl FnOnce() -> Result<reqwest::Client>,
    ) -> Result<reqwest::Client> {
        let runtime = Self::runtime()?;
        let here = (runtime.id(), route);
        let find = |known: &[Pool]| {
            let mut known = known.iter();
            known
                .find(|(place, _)| *place == here)
                .map(|(_, client)| client.clone())
        };
        if let Some(client) = find(&self.0.load()) {
            return Ok(client);
        }
        let client = make()?;
        self.0.rcu(|known| {
            let mut next = known.to_vec();
            if find(known).is_none() {
                next.truncate(MOST - 1);
                next.insert(0, (here, client.clone()));
            }
            next
        });
        Ok(find(&self.0.load()).unwrap_or(client))
    }

    /// The runtime that this runs on.
    pub(super) fn runtime() -> Result<Handle> {
        Handle::try_current().map_err(|_| {
            Error::config("the network is used outside a tokio runtime")
                .with_advice("call it from an asynchronous program, or with `auth_core::blocking`")
                .with_nothing_sent()
        })
    }
}

/// How many runtimes and routes keep their connections. An older one opens new ones.
const MOST: usize = 16;
