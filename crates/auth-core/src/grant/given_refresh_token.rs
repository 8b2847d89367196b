//! [`GivenRefreshToken`]: a session that starts from a refresh token given from outside.

use secrecy::{ExposeSecret, SecretString};

use crate::endpoint::TokenEndpoint;
use crate::error::{Challenge, Error, Result};
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;
use crate::token::RefreshToken;

/// The note with the fingerprint of the given token that the server replaced.
const REPLACED: &str = "given-refresh-token-replaced";

/// Redeems a refresh token from the environment, a file or a person. Goes inside a
/// [`Refreshing`](crate::Refreshing), which redeems the successors: a server that rotates replaces the
/// given token at once, so its successor is kept under the given token's fingerprint.
///
/// Once it was replaced the given token is never sent again: a server that detects reuse would end the
/// whole session.
#[derive(Debug)]
pub struct GivenRefreshToken {
    endpoint: TokenEndpoint,
    token: RefreshToken,
    scopes: Vec<String>,
}

impl GivenRefreshToken {
    /// A session that starts with `token` at `endpoint`.
    pub fn new(endpoint: TokenEndpoint, token: RefreshToken) -> Self {
        Self {
            endpoint,
            token,
            scopes: Vec::new(),
        }
    }

    /// Sends these scopes.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            scopes: scopes.into_iter().map(Into::into).collect(),
            ..self
        }
    }
}

impl Grant for GivenRefreshToken {
    fn key(&self) -> StoreKey {
        let label = self.token.fingerprint().to_string();
        StoreKey::new(self.endpoint.session(label)).with_scopes(&self.scopes)
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            if held.challenge().is_some_and(Challenge::wants_login) {
                return Err(Error::interaction(
                    "the API asks for a login that a given refresh token can't provide",
                )
                .with_advice("log in as the API asks, and give the refresh token of that login"));
            }
            let given = self.token.fingerprint().to_string();
            let replaced = held.notes().get(REPLACED);
            if replaced.is_some_and(|replaced| replaced.expose_secret() == given) {
                return Err(Error::interaction(
                    "the given refresh token was replaced, and its successor is dead too",
                )
                .with_advice("log in again and give the new refresh token"));
            }
            let asked = self.endpoint.refresh(held, &self.token, &self.scopes);
            let set = asked.await.map_err(|error| {
                dead(error, "the given refresh token", "give a new refresh token")
            })?;
            let kept = set.refresh().is_some_and(|next| next.is_same(&self.token));
            if kept {
                return Ok(set);
            }
            tracing::warn!(
                given,
                "the server gave a new refresh token, which is kept in place of the given one; whether that one \
                 still works the server did not say"
            );
            Ok(set.with_note(REPLACED, SecretString::from(given)))
        })
    }
}

/// A token from outside that the server refuses: only a person can get another one. Why it was refused is
/// said, and what helps.
pub(super) fn dead(error: Error, what: &str, else_do: &'static str) -> Error {
    let code = error.code().filter(|_| error.is_dead_token());
    let Some(code) = code.map(str::to_owned) else {
        return error;
    };
    let advice = error.advice().unwrap_or(else_do).to_owned();
    Error::interaction(format!("{what} is of no use: {}", error.message()))
        .with_code(code)
        .with_advice(advice)
        .with_source(error)
}
