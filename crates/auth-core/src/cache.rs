//! [`CachedSource`]: from a grant to a token source, under the cache law.

mod cell;
mod ready;
mod renewal;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::cell::Cell;
use self::ready::Freshness;
use self::renewal::{Landed, Renewal};
use crate::error::{Challenge, Error, Result};
use crate::flight::Flight;
use crate::future::BoxFuture;
use crate::io::Io;
use crate::io::clock::Clock;
use crate::session::{Login, Need, Observer, TokenCheck};
use crate::source::{Grant, TokenSource};
use crate::store::{MemoryStore, SessionKey, StoreKey, TokenStore};
use crate::token::{AccessToken, IdToken, RefreshToken};

/// Caches the answer to one question: a [`TokenSource`] made from a [`Grant`].
///
/// While a token is fresh it is handed out at once. A stale one is still handed out while one renewal
/// runs; a dead one never. All who need a new token share one request and its outcome, in this process
/// and, through the store's lock, in others. `Clone` is another handle on the same cache; making one does
/// no I/O and spawns nothing. Safe for concurrent use.
///
/// A renewal runs on a task of its own in the tokio runtime of whoever asks. A program that ends awaits
/// [`settled`](Self::settled) first, so that no rotated refresh token is lost.
#[derive(Clone)]
pub struct CachedSource(Arc<Parts>);

struct Parts {
    grant: Arc<dyn Grant>,
    key: StoreKey,
    clock: Arc<dyn Clock>,
    store: Arc<dyn TokenStore>,
    observer: Option<Arc<dyn Observer>>,
    check: Option<Arc<dyn TokenCheck>>,
    cell: Cell,
    flight: Flight<Result<Landed>>,
}

impl CachedSource {
    /// Caches what `grant` gets, in a [`MemoryStore`] of its own.
    pub fn new(grant: impl Grant + 'static, io: Io) -> Self {
        let grant: Arc<dyn Grant> = Arc::new(grant);
        Self(Arc::new(Parts {
            key: grant.key(),
            grant,
            clock: io.clock().clone(),
            store: Arc::new(MemoryStore::new()),
            observer: None,
            check: None,
            cell: Cell::new(),
            flight: Flight::new(),
        }))
    }

    /// Keeps the tokens in `store`, where other sources of the same session find them.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn TokenStore>) -> Self {
        self.edit(|parts| parts.store = store)
    }

    /// Tells `observer` of rotated refresh tokens and of a store that fails.
    #[must_use]
    pub fn with_observer(self, observer: Arc<dyn Observer>) -> Self {
        self.edit(|parts| parts.observer = Some(observer))
    }

    /// Hands a token out only after `check` agreed. A set is saved before it is checked.
    #[must_use]
    pub fn with_check(self, check: Arc<dyn TokenCheck>) -> Self {
        self.edit(|parts| parts.check = Some(check))
    }

    /// Whose tokens these are, and for which question.
    pub fn key(&self) -> &StoreKey {
        &self.0.key
    }

    /// A token that works for at least `min_ttl` from now. Renews if the one at hand does not.
    ///
    /// # Errors
    /// As [`token`](TokenSource::token); `Config` if the server's tokens do not live that long.
    pub async fn token_for(&self, min_ttl: Duration) -> Result<AccessToken> {
        if let Some(token) = self.at_hand()
            && self.0.lives(&token, min_ttl)
        {
            return Ok(token);
        }
        let need = Need::new().with_min_ttl(min_ttl);
        for _ in 0..2 {
            let landed = self.renewed(need).await?;
            if self.0.lives(&landed.token, min_ttl) {
                return Ok(landed.token);
            }
            if landed.asked {
                break;
            }
        }
        Err(Error::config(format!(
            "the server's tokens live shorter than {} s",
            min_ttl.as_secs()
        ))
        .with_advice("ask for less"))
    }

    /// A token that the server issued just now, whatever is at hand.
    ///
    /// # Errors
    /// As [`token`](TokenSource::token), also while the old token works.
    pub async fn renew(&self) -> Result<AccessToken> {
        let need = Need::new().with_another();
        // A renewal that was under way may end in what the store had; then one more is ours.
        let first = self.renewed(need).await?;
        let landed = if first.asked {
            first
        } else {
            self.renewed(need).await?
        };
        Ok(landed.token)
    }

    /// Completes when no renewal is in progress. Touches the network only through that renewal.
    pub async fn settled(&self) {
        self.0.flight.settled().await;
    }

    /// The session's refresh token, for files that other programs read. Touches the store, not the network.
    ///
    /// # Errors
    /// `Store`.
    pub async fn refresh_token(&self) -> Result<Option<RefreshToken>> {
        Ok(self.login().await?.and_then(|login| login.refresh))
    }

    /// The session's ID token, for the userinfo endpoint and the logout page. Touches the store, not the
    /// network. It tells who logged in, and may have expired since.
    ///
    /// # Errors
    /// `Store`.
    pub async fn id_token(&self) -> Result<Option<IdToken>> {
        Ok(self.login().await?.and_then(|login| login.id))
    }

    async fn login(&self) -> Result<Option<Login>> {
        let stored = Login::load(&*self.0.store, self.0.key.session()).await?;
        Ok(stored.or_else(|| self.0.cell.unsaved()))
    }

    async fn renewed(&self, need: Need) -> Result<Landed> {
        let no_runtime = || {
            Error::config("tokens are renewed on a tokio runtime, and there is none")
                .with_advice("call auth_core::blocking from a synchronous program")
        };
        let ticket = self.start(need).ok_or_else(no_runtime)?;
        ticket.outcome().await.unwrap_or_else(|| {
            Err(Error::unavailable(
                "the renewal died with the runtime that it ran on",
            ))
        })
    }

    /// The first token that can be had: the outcome of a renewal, or before that a stale one that the
    /// store has.
    async fn first(&self) -> Result<AccessToken> {
        let landed = self.0.cell.landed();
        tokio::select! {
            biased;
            outcome = self.renewed(Need::default()) => Ok(outcome?.token),
            token = async {
                landed.await;
                match self.0.cell.working(self.0.clock.now()) {
                    Some((token, _)) => token,
                    None => std::future::pending().await,
                }
            } => Ok(token),
        }
    }

    /// Joins the renewal in progress or starts one.
    fn start(&self, need: Need) -> Option<crate::flight::Ticket<Result<Landed>>> {
        self.0
            .flight
            .join(|callers| Renewal::new(self.0.clone(), callers, need).run())
    }

    fn edit(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Parts {
            grant: self.0.grant.clone(),
            key: self.0.key.clone(),
            clock: self.0.clock.clone(),
            store: self.0.store.clone(),
            observer: self.0.observer.clone(),
            check: self.0.check.clone(),
            cell: Cell::new(),
            flight: Flight::new(),
        };
        change(&mut parts);
        Self(Arc::new(parts))
    }
}

impl TokenSource for CachedSource {
    fn at_hand(&self) -> Option<AccessToken> {
        self.0.cell.fresh(self.0.clock.now())
    }

    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        Box::pin(async move {
            if need.another {
                return self.renew().await;
            }
            if !need.min_ttl.is_zero() {
                return self.token_for(need.min_ttl).await;
            }
            let now = self.0.clock.now();
            match self.0.cell.working(now) {
                Some((token, Freshness::Fresh)) => Ok(token),
                Some((token, Freshness::Stale)) => {
                    if !self.0.cell.pauses(now) {
                        drop(self.start(Need::default()));
                    }
                    Ok(token)
                }
                None => match self.0.cell.failure(now) {
                    Some(error) => Err(error),
                    None => self.first().await,
                },
            }
        })
    }

    fn session(&self) -> Option<&SessionKey> {
        Some(self.0.key.session())
    }

    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
        self.0.cell.discard(refused, challenge);
    }
}

impl Parts {
    fn lives(&self, token: &AccessToken, min_ttl: Duration) -> bool {
        let now = self.clock.now().wall;
        now < token.dead_at() && now + min_ttl <= token.expires_at()
    }
}

impl fmt::Debug for CachedSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedSource")
            .field("key", &self.0.key)
            .field("grant", &self.0.grant)
            .field("store", &self.0.store)
            .finish_non_exhaustive()
    }
}
