//! [`Held`]: the past, as an argument, and the door through which a person is asked.

mod asking;
mod sending;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use crate::error::{Challenge, Error, Result};
use crate::flight::Waiters;
use crate::io::clock::Clock;
use crate::session::{Need, Observer};
use crate::store::{StoreKey, StoreLock};
use crate::token::{AccessToken, IdToken, RefreshToken};

/// What a session holds when a [`Grant`](crate::Grant) is asked for more.
#[derive(Debug, Default)]
pub struct Held {
    access: Option<AccessToken>,
    refresh: Option<RefreshToken>,
    id: Option<IdToken>,
    account: Option<String>,
    identity: Option<String>,
    challenge: Option<Challenge>,
    notes: BTreeMap<String, SecretString>,
    need: Need,
    /// Whether `access` is enough for `need`.
    suffices: bool,
    waiters: Option<Waiters>,
    observer: Option<(Arc<dyn Observer>, StoreKey)>,
    lock: Option<Arc<StoreLock>>,
    /// Why what comes next can't be kept.
    unkept: Option<Error>,
    /// Whether the server has replaced `refresh`.
    spent: AtomicBool,
    /// Whether the lock says that a refresh token is on its way.
    sends: AtomicBool,
}

impl Held {
    /// Nothing is held: a first time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an access token that works and was not discarded.
    #[must_use]
    pub fn with_access(self, access: Option<AccessToken>) -> Self {
        let suffices = access.is_some();
        Self {
            access,
            suffices,
            ..self
        }
    }

    /// Adds a refresh token.
    #[must_use]
    pub fn with_refresh(self, refresh: Option<RefreshToken>) -> Self {
        Self { refresh, ..self }
    }

    /// Adds an ID token.
    #[must_use]
    pub fn with_id(self, id: Option<IdToken>) -> Self {
        Self { id, ..self }
    }

    /// Says who logged in.
    #[must_use]
    pub fn with_account(self, account: Option<String>) -> Self {
        Self { account, ..self }
    }

    /// Says who logged in as the issuer tells people apart.
    #[must_use]
    pub fn with_identity(self, identity: Option<String>) -> Self {
        Self { identity, ..self }
    }

    /// Adds what a resource server asked for.
    #[must_use]
    pub fn with_challenge(self, challenge: Option<Challenge>) -> Self {
        Self { challenge, ..self }
    }

    /// Adds the provider's notes.
    #[must_use]
    pub fn with_notes(self, notes: BTreeMap<String, SecretString>) -> Self {
        Self { notes, ..self }
    }

    /// Says what the token is needed for, at `now`.
    #[must_use]
    pub fn with_need(self, need: Need, now: SystemTime) -> Self {
        let need = need.with_min_ttl(need.min_ttl);
        let lives = |token: &AccessToken| now + need.min_ttl <= token.expires_at();
        let suffices = self.access.as_ref().is_some_and(lives);
        Self {
            need,
            suffices,
            ..self
        }
    }

    /// Adds those who wait for the outcome.
    pub(crate) fn with_waiters(self, waiters: Waiters) -> Self {
        let waiters = Some(waiters);
        Self { waiters, ..self }
    }

    /// Adds who is told of what happens behind a caller's back.
    pub(crate) fn with_observer(self, observer: Option<(Arc<dyn Observer>, StoreKey)>) -> Self {
        Self { observer, ..self }
    }

    /// Adds the lock under which all this happens.
    pub(crate) fn with_lock(self, lock: Option<Arc<StoreLock>>) -> Self {
        Self { lock, ..self }
    }

    /// Says why what comes next can't be kept.
    pub(crate) fn with_unkept(self, unkept: Option<Error>) -> Self {
        Self { unkept, ..self }
    }

    /// The access token for this question: only while it works and was not discarded.
    pub fn access(&self) -> Option<&AccessToken> {
        self.access.as_ref()
    }

    /// The session's refresh token.
    pub fn refresh(&self) -> Option<&RefreshToken> {
        self.refresh.as_ref()
    }

    /// The session's ID token, unchecked.
    pub fn id(&self) -> Option<&IdToken> {
        self.id.as_ref()
    }

    /// Who logged in, if known.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// Who logged in as the issuer tells people apart, if that is known.
    pub fn identity(&self) -> Option<&str> {
        self.identity.as_deref()
    }

    /// What a server asked for when it refused the last token.
    pub fn challenge(&self) -> Option<&Challenge> {
        self.challenge.as_ref()
    }

    /// The parameters of a login: what an API asked of it goes before what is configured (RFC 9470 §4).
    /// `claims` are those to ask for.
    #[cfg(feature = "person")]
    pub(crate) fn login_parameters(
        &self,
        configured: &[(String, String)],
        claims: Option<String>,
    ) -> Vec<(String, String)> {
        let asked: Vec<_> = self
            .challenge
            .iter()
            .flat_map(Challenge::parameters)
            .chain(claims.map(|claims| ("claims", claims)))
            .collect();
        let is_asked = |name: &str| asked.iter().any(|(asked, _)| *asked == name);
        let own = configured
            .iter()
            .filter(|(name, _)| !is_asked(name))
            .cloned();
        let asked = asked
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.clone()));
        own.chain(asked).collect()
    }

    /// What the provider noted last time.
    pub fn notes(&self) -> &BTreeMap<String, SecretString> {
        &self.notes
    }

    /// What the token is needed for.
    pub fn need(&self) -> Need {
        self.need
    }

    /// Makes sure that what a server may replace is spent only where the successor can be kept.
    ///
    /// # Errors
    /// `Store`: why it can't be kept.
    pub fn ensure_kept(&self) -> Result<()> {
        match &self.unkept {
            Some(error) => Err(error.clone()),
            None => Ok(()),
        }
    }

    /// Notes that the server has replaced the refresh token, whatever becomes of the answer.
    pub(crate) fn spend(&self, refresh: &RefreshToken) {
        if self.refresh().is_some_and(|ours| ours.is_same(refresh)) {
            self.spent.store(true, Ordering::Release);
        }
    }

    /// Whether the server has replaced the refresh token.
    pub(crate) fn is_spent(&self) -> bool {
        self.spent.load(Ordering::Acquire)
    }

    /// Makes sure that the session's lock outlives a request of that length. To be asked before
    /// anything that can be used only once leaves.
    ///
    /// # Errors
    /// `Unavailable` if the lease ends sooner: somebody else could spend the same refresh token.
    pub fn ensure_lock_outlives(&self, request: Duration, clock: &dyn Clock) -> Result<()> {
        match &self.lock {
            Some(lock) => lock.ensure_outlives(request, clock),
            None => Ok(()),
        }
    }
}
