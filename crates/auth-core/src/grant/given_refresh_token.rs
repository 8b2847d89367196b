//! [`GivenRefreshToken`]: a session that starts from a refresh token given from outside.

use secrecy::{ExposeSecret, SecretString};

use crate::endpoint::TokenEndpoint;
use crate::error::{Challenge, Error, Result};
use crate::future::BoxFuture;
use crate::session::{Held, Secret, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;
use crate::token::RefreshToken;

/// The note with the name of the token that the session began with.
const BEGAN: &str = "given-refresh-token";

/// Redeems a refresh token that comes from outside, and then what took its place (RFC 6749 §6): the token
/// of a variable, a command, a person.
///
/// A server that rotates replaces the given token at once. Its successor is kept with the name of the
/// token that the session began with: while the same one is given, the successor is redeemed and the given
/// one is never sent again, since a server that detects reuse would end the whole session. Another one is
/// another login, and what is held counts as empty.
///
/// So the given token is revealed for each exchange, except where that would ask a person who may not be
/// asked now: then what is held goes on.
#[derive(Debug)]
pub struct GivenRefreshToken {
    endpoint: TokenEndpoint,
    token: Box<dyn Secret>,
    label: String,
    scopes: Vec<String>,
}

impl GivenRefreshToken {
    /// A session that starts with `token` at `endpoint`, and goes by the token's fingerprint.
    pub fn new(endpoint: TokenEndpoint, token: &RefreshToken) -> Self {
        let secret = SecretString::from(token.expose_secret());
        Self::fetched(endpoint, secret, name(token))
    }

    /// A session that starts with a token which it costs something to fetch, and goes by the account label
    /// `label`: the token's place, such as a command. Nothing is fetched before it is needed.
    pub fn fetched(
        endpoint: TokenEndpoint,
        token: impl Secret + 'static,
        label: impl Into<String>,
    ) -> Self {
        Self {
            endpoint,
            token: Box::new(token),
            label: label.into(),
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

    async fn redeem(&self, held: &Held) -> Result<TokenSet> {
        // Nobody is asked for what can't be spent.
        held.ensure_kept()?;
        if held.refresh().is_some() && self.token.asks() && !held.may_ask() {
            return self.go_on(held).await;
        }
        let clock = &**self.endpoint.io().clock();
        let given = token_in(&held.reveal(&*self.token, clock).await?)?;
        let began = held.notes().get(BEGAN);
        if began.is_some_and(|began| began.expose_secret() == name(&given)) {
            return self.go_on(held).await;
        }
        let set = self.endpoint.refresh(held, &given, &self.scopes).await;
        let set = set.map_err(|error| self.not_taken(error, held))?;
        if set.is_rotated() {
            tracing::warn!(
                given = %given.fingerprint(),
                "the server gave a new refresh token, which is kept in place of the given one; whether that one \
                 still works the server did not say"
            );
        }
        Ok(set.with_note(BEGAN, name(&given).into()))
    }

    /// The given token was refused.
    fn not_taken(&self, error: Error, held: &Held) -> Error {
        if !error.is_dead_token() {
            return error;
        }
        self.token.refused();
        let error = dead(error, "the given refresh token", "give a new refresh token");
        if held.refresh().is_none() {
            return error;
        }
        // What is held is another login's, and no reason to try this one again without it.
        let advice = error.advice().unwrap_or_default().to_owned();
        Error::interaction(error.message())
            .with_advice(advice)
            .with_source(error)
    }

    /// Redeems what took the given token's place.
    async fn go_on(&self, held: &Held) -> Result<TokenSet> {
        if held.challenge().is_some_and(Challenge::wants_login) {
            return Err(Error::interaction(
                "the API asks for a login that a given refresh token can't provide",
            )
            .with_advice("log in as the API asks, and give the refresh token of that login"));
        }
        let Some(refresh) = held.refresh() else {
            // Its successor was refused, and why is said by the cache.
            self.token.refused();
            return Err(Error::interaction("the given refresh token is of no use")
                .with_advice("log in again and give the new refresh token"));
        };
        let set = self.endpoint.refresh(held, refresh, &self.scopes).await?;
        set.following(held)
    }
}

impl Grant for GivenRefreshToken {
    fn key(&self) -> StoreKey {
        StoreKey::new(self.endpoint.session(&self.label)).with_scopes(&self.scopes)
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.redeem(held))
    }
}

/// What tells a given token from every other.
fn name(token: &RefreshToken) -> String {
    token.fingerprint().name()
}

/// The token in a text, without the white space and the byte order mark around it.
fn token_in(text: &SecretString) -> Result<RefreshToken> {
    match text.expose_secret().trim_start_matches('\u{feff}').trim() {
        "" => Err(Error::config("the given refresh token is empty").with_advice("give one")),
        // RFC 6749, appendix A.17.
        token if token.bytes().all(|byte| matches!(byte, b' '..=b'~')) => {
            Ok(RefreshToken::new(token.to_owned()))
        }
        _ => Err(Error::config("what was given is no refresh token")
            .with_advice("give the token alone, as plain text")),
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
