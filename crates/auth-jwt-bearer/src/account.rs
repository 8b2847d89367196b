//! [`ServiceAccount`]: the place where tokens come from.

use std::fmt;
use std::time::Duration;

use auth_core::assertion::{Assertion, SigningKey};
use auth_core::{CachedSource, ClientAuth, Io, Result, TokenEndpoint};
use serde_json::Value;
use url::Url;

use crate::JwtBearer;

/// A service account: a name, a key, and the token endpoint where both are known. Cheap to set up, no
/// I/O until a token is asked for.
#[derive(Clone)]
pub struct ServiceAccount {
    token_url: Url,
    assertion: Assertion,
    client: ClientAuth,
    scopes: Vec<String>,
    io: Io,
}

impl ServiceAccount {
    /// The service account `issuer`, whose assertions `key` signs, at the token endpoint `token_url`.
    /// The audience is the token endpoint unless a setting says otherwise.
    pub fn new(token_url: Url, issuer: impl Into<String>, key: SigningKey, io: Io) -> Self {
        Self {
            assertion: Assertion::new(issuer, key).with_audience(token_url.as_str()),
            token_url,
            client: ClientAuth::anonymous(),
            scopes: Vec::new(),
            io,
        }
    }

    /// Sets another audience (`aud`) than the token endpoint's URL, as a string.
    #[must_use]
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        self.with(|assertion| assertion.with_audience(audience))
    }

    /// Sets another audience than the token endpoint's URL, as an array, even of one.
    #[must_use]
    pub fn with_audiences(self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(|assertion| assertion.with_audiences(audiences))
    }

    /// Sets whom the token is to be for (`sub`): the account itself at most servers, a user where the
    /// account may act for one.
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        self.with(|assertion| assertion.with_subject(subject))
    }

    /// Asks for these scopes, in the `scope` parameter of the request (RFC 7521 §4.1).
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        let scopes = scopes.into_iter().map(Into::into).collect();
        Self { scopes, ..self }
    }

    /// Asks for these scopes in a claim of the assertion, for vendors that want them there.
    #[must_use]
    pub fn with_scope_claim(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with(|assertion| assertion.with_scopes(scopes))
    }

    /// Gives each assertion a random `jti`. A server that remembers those takes each assertion once, so
    /// a request is then not repeated after it may have arrived.
    #[must_use]
    pub fn with_jti(self) -> Self {
        self.with(Assertion::with_jti)
    }

    /// Sets the life of each assertion: at least a minute, at most an hour, which is the default.
    #[must_use]
    pub fn with_life(self, life: Duration) -> Self {
        self.with(|assertion| assertion.with_life(life))
    }

    /// Adds another claim, which is no secret: it is part of the name under which the token is kept.
    ///
    /// # Errors
    /// `Config` if the claim has a setting of its own.
    pub fn with_claim(self, name: impl Into<String>, value: Value) -> Result<Self> {
        Ok(Self {
            assertion: self.assertion.with_claim(name, value)?,
            ..self
        })
    }

    /// Authenticates a client too (RFC 7523 §2.1 allows it). The default is none: the assertion says
    /// who asks.
    #[must_use]
    pub fn with_client(self, client: ClientAuth) -> Self {
        Self { client, ..self }
    }

    /// The grant alone, to wrap or to cache in one's own way.
    pub fn grant(&self) -> JwtBearer {
        let (url, client) = (self.token_url.clone(), self.client.clone());
        let endpoint = TokenEndpoint::new(url, client, self.io.clone());
        JwtBearer::new(endpoint, self.assertion.clone()).with_scopes(&self.scopes)
    }

    /// A source of tokens, with a store of its own in memory. Signs and asks when a token is wanted.
    pub fn source(&self) -> CachedSource {
        CachedSource::new(self.grant(), self.io.clone())
    }

    fn with(self, change: impl FnOnce(Assertion) -> Assertion) -> Self {
        Self {
            assertion: change(self.assertion),
            ..self
        }
    }
}

impl fmt::Debug for ServiceAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceAccount")
            .field("assertion", &self.assertion)
            .field("client", &self.client)
            .field("scopes", &self.scopes)
            .finish_non_exhaustive()
    }
}
