//! [`Refreshing`]: redeem what is held, or start anew.

use crate::endpoint::TokenEndpoint;
use crate::error::{Challenge, Result};
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;

/// Wraps a grant: redeems the held refresh token (RFC 6749 §6) and returns a refusal as it is. Without a
/// refresh token, or where an API asked for what only a login can answer, it runs the inner grant. Claims that
/// an API asked for are sent with the refresh.
#[derive(Debug)]
pub struct Refreshing {
    endpoint: TokenEndpoint,
    scopes: Vec<String>,
    inner: Box<dyn Grant>,
}

impl Refreshing {
    /// Refreshes at `endpoint` what `inner` got.
    pub fn new(endpoint: TokenEndpoint, inner: impl Grant + 'static) -> Self {
        Self {
            endpoint,
            scopes: Vec::new(),
            inner: Box::new(inner),
        }
    }

    /// Sends these scopes with each refresh: for servers where one refresh token answers several
    /// questions. Without this none are sent, and the answer has the scopes of the login.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            scopes: scopes.into_iter().map(Into::into).collect(),
            ..self
        }
    }
}

impl Grant for Refreshing {
    fn key(&self) -> StoreKey {
        self.inner.key()
    }

    fn is_user(&self, configured: &str, account: &str) -> bool {
        self.inner.is_user(configured, account)
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        self.inner.origin()
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        self.inner.settled()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        // What only a login can answer is not answered by a refresh (RFC 9470 §4).
        let is_asked = held.challenge().is_some_and(Challenge::wants_login);
        match held.refresh().filter(|_| !is_asked) {
            Some(refresh) => Box::pin(async move {
                let set = self.endpoint.refresh(held, refresh, &self.scopes).await?;
                set.following(held)
            }),
            None => self.inner.exchange(held),
        }
    }
}
