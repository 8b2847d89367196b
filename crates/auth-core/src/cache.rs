//! [`CachedSource`]: from a grant to a token source, under the cache law.

mod call;
mod callers;
mod cell;
mod entry;
mod mirroring;
mod pause;
mod ready;
mod renewal;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use self::cell::Cell;
use self::renewal::{Landed, Quest};
use crate::error::{Challenge, Result};
use crate::flight::Flight;
use crate::future::BoxFuture;
use crate::io::Io;
use crate::io::clock::Clock;
use crate::session::{Login, Mirror, Need, Observer, TokenCheck};
use crate::source::{Grant, TokenSource};
use crate::store::{MemoryStore, SessionKey, StoreKey, TokenStore};
use crate::token::{AccessToken, IdToken, RefreshToken};

pub use callers::Callers;

/// Caches the answer to one question: a [`TokenSource`] made from a [`Grant`].
///
/// While a token is fresh it is handed out at once. A stale one is still handed out while one renewal
/// runs; a dead one never. All who need a new token share one request and its outcome, in this process
/// and, through the store's lock, in others. `Clone` is another handle on the same cache; making one does
/// no I/O and spawns nothing. Safe for concurrent use.
///
/// A process that dies in a renewal, and a store or network that fails in one, leave what the next one can go on with:
/// a login is lost only where a server had replaced the refresh token and its answer was not saved yet. Then the error
/// of the next renewal says so.
///
/// A renewal runs on a task of its own in the tokio runtime of whoever asks. A program that ends awaits
/// [`settled`](TokenSource::settled) first, so that no rotated refresh token is lost.
#[derive(Clone)]
pub struct CachedSource(Arc<Parts>);

struct Parts {
    grant: Arc<dyn Grant>,
    key: StoreKey,
    clock: Arc<dyn Clock>,
    store: Arc<dyn TokenStore>,
    observer: Option<Arc<dyn Observer>>,
    check: Option<Arc<dyn TokenCheck>>,
    mirrors: Vec<Arc<dyn Mirror>>,
    cell: Cell,
    flight: Flight<Result<Landed>, Quest>,
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
            mirrors: Vec::new(),
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

    /// Writes the files of this kind that the session's entry lists, whenever there is a new refresh token.
    #[must_use]
    pub fn with_mirror(self, mirror: Arc<dyn Mirror>) -> Self {
        self.edit(|parts| parts.mirrors.push(mirror))
    }

    /// Whose tokens these are, and for which question.
    pub fn key(&self) -> &StoreKey {
        &self.0.key
    }

    /// Starts with what a server asked for when it refused the last token, so that a login asks for it.
    #[must_use]
    pub fn with_challenge(self, challenge: Option<Challenge>) -> Self {
        self.edit(|parts| parts.cell.challenged(challenge))
    }

    /// A token that works for at least `min_ttl` from now. Renews if the one at hand does not.
    ///
    /// # Errors
    /// As [`token`](TokenSource::token); `Config` if the server's tokens do not live that long.
    pub async fn token_for(&self, min_ttl: Duration) -> Result<AccessToken> {
        self.get(Need::new().with_min_ttl(min_ttl)).await
    }

    /// A token that the server issued from now on, whatever is at hand: to us, or to another process that
    /// shares the store.
    ///
    /// # Errors
    /// As [`token`](TokenSource::token), also while the old token works.
    pub async fn renew(&self) -> Result<AccessToken> {
        self.get(Need::new().with_another()).await
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

    /// What memory could not save is newer than what the store has.
    async fn login(&self) -> Result<Option<Login>> {
        match self.0.cell.unsaved() {
            Some(login) => Ok(Some(login)),
            None => Login::load(&*self.0.store, self.0.key.session()).await,
        }
    }

    fn edit(self, change: impl FnOnce(&mut Parts)) -> Self {
        let mut parts = Parts {
            grant: self.0.grant.clone(),
            key: self.0.key.clone(),
            clock: self.0.clock.clone(),
            store: self.0.store.clone(),
            observer: self.0.observer.clone(),
            check: self.0.check.clone(),
            mirrors: self.0.mirrors.clone(),
            cell: Cell::new(),
            flight: Flight::new(),
        };
        parts.cell.challenged(self.0.cell.challenge());
        change(&mut parts);
        Self(Arc::new(parts))
    }
}

impl TokenSource for CachedSource {
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        let need = need.with_min_ttl(need.min_ttl);
        Box::pin(async move {
            match self.at_hand() {
                Some(token) if need == Need::new() => Ok(token),
                // Boxed, so that the way to a token at hand is short.
                _ => Box::pin(self.first(need)).await,
            }
        })
    }

    fn at_hand(&self) -> Option<AccessToken> {
        self.0.cell.fresh(self.0.clock.now())
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            self.0.flight.settled().await;
            self.0.grant.settled().await;
        })
    }

    fn session(&self) -> Option<&SessionKey> {
        Some(self.0.key.session())
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        Box::pin(async {
            match self.0.grant.origin().await {
                Some(origin) => Some(origin),
                None => self.login().await.ok()??.began_with,
            }
        })
    }

    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
        let now = self.0.clock.now();
        self.0.cell.refuse(refused, challenge, now);
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
