//! [`Held`]: the past, as an argument.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use secrecy::SecretString;

use crate::error::{Challenge, Error, Result};
use crate::flight::Callers;
use crate::io::clock::Clock;
use crate::store::StoreLock;
use crate::token::{AccessToken, IdToken, RefreshToken};

/// What a session holds when a [`Grant`](crate::Grant) is asked for more.
#[derive(Clone, Debug, Default)]
pub struct Held {
    access: Option<AccessToken>,
    refresh: Option<RefreshToken>,
    id: Option<IdToken>,
    account: Option<String>,
    challenge: Option<Challenge>,
    notes: BTreeMap<String, SecretString>,
    callers: Option<Callers>,
    lock: Option<Arc<StoreLock>>,
}

impl Held {
    /// Nothing is held: a first time.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds an access token that works and was not discarded.
    #[must_use]
    pub fn with_access(self, access: Option<AccessToken>) -> Self {
        Self { access, ..self }
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

    /// Adds those who wait for the outcome.
    pub(crate) fn with_callers(self, callers: Callers) -> Self {
        Self {
            callers: Some(callers),
            ..self
        }
    }

    /// Adds the lock under which all this happens.
    pub(crate) fn with_lock(self, lock: Option<Arc<StoreLock>>) -> Self {
        Self { lock, ..self }
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

    /// What a resource server asked for when it refused the last token.
    pub fn challenge(&self) -> Option<&Challenge> {
        self.challenge.as_ref()
    }

    /// What the provider noted last time.
    pub fn notes(&self) -> &BTreeMap<String, SecretString> {
        &self.notes
    }

    /// Completes when nobody waits for the outcome any more. Every wait for a person selects on it.
    pub async fn abandoned(&self) {
        match &self.callers {
            Some(callers) => callers.gone().await,
            None => std::future::pending().await,
        }
    }

    /// Tells other processes that a person is being asked, until then at most; `None` ends it.
    pub async fn announce(&self, asking_until: Option<SystemTime>) {
        if let Some(lock) = &self.lock {
            lock.announce(asking_until).await;
        }
    }

    /// Makes sure that the session's lock outlives a request of that length. To be asked before
    /// anything that can be used only once leaves.
    ///
    /// # Errors
    /// `Unavailable` if the lease ends sooner: somebody else could spend the same refresh token.
    pub fn ensure_lock_outlives(&self, request: Duration, clock: &dyn Clock) -> Result<()> {
        let lease = self.lock.as_ref().and_then(|lock| lock.holds_until());
        match lease {
            Some(end) if clock.now().wall + request > end => Err(Error::unavailable(
                "the token store's lock ends before the request could be answered",
            )
            .with_advice("try again, or let the store lease its locks for longer")
            .with_nothing_sent()),
            _ => Ok(()),
        }
    }
}
