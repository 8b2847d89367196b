//! [`Form`]: what is posted to a token endpoint.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use crate::token::RefreshToken;

/// The body of a token request (RFC 6749 §4): parameters in order; a name may come several times.
///
/// `Debug` shows names only. A parameter without a value says nothing (RFC 6749 §3.2), so it is left out.
#[derive(Clone)]
pub struct Form {
    pairs: Vec<Pair>,
    once: bool,
    /// The name of the refresh token that it spends.
    spends: Option<String>,
}

#[derive(Clone)]
struct Pair {
    name: String,
    value: SecretString,
    is_secret: bool,
}

impl Form {
    /// A request for `grant_type`.
    pub fn new(grant_type: &str) -> Self {
        Self::empty().with("grant_type", grant_type)
    }

    /// A request that is for no grant.
    pub(super) fn empty() -> Self {
        Self {
            pairs: Vec::new(),
            once: false,
            spends: None,
        }
    }

    /// Adds a parameter.
    #[must_use]
    pub fn with(self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.with_pair(name.into(), value.into().into(), false)
    }

    /// Adds a parameter whose value is secret.
    #[must_use]
    pub fn with_secret(self, name: impl Into<String>, value: SecretString) -> Self {
        self.with_pair(name.into(), value, true)
    }

    fn with_pair(mut self, name: String, value: SecretString, is_secret: bool) -> Self {
        if !value.expose_secret().is_empty() {
            self.pairs.push(Pair {
                name,
                value,
                is_secret,
            });
        }
        self
    }

    /// Adds the scopes, separated by blanks (RFC 6749 §3.3).
    #[must_use]
    pub fn with_scopes(self, scopes: &[String]) -> Self {
        self.with("scope", scopes.join(" "))
    }

    /// Says that this request spends something: a code, a one-time password, a refresh token that the
    /// server may replace. It is never sent again after it may have arrived.
    #[must_use]
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// Says that it spends this refresh token.
    pub(super) fn spending(self, refresh: &RefreshToken) -> Self {
        let spends = Some(refresh.fingerprint().name());
        Self {
            spends,
            ..self.once()
        }
    }

    pub(super) fn spends(&self) -> Option<&str> {
        self.spends.as_deref()
    }

    pub(super) fn is_once(&self) -> bool {
        self.once
    }

    /// The value of a parameter that is no secret.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|pair| pair.name == name);
        found.map(|pair| pair.value.expose_secret())
    }

    /// The values that are secret.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &SecretString> {
        let secret = self.pairs.iter().filter(|pair| pair.is_secret);
        secret.map(|pair| &pair.value)
    }

    pub(super) fn encode(&self) -> String {
        let mut text = form_urlencoded::Serializer::new(String::new());
        for pair in &self.pairs {
            text.append_pair(&pair.name, pair.value.expose_secret());
        }
        text.finish()
    }
}

impl fmt::Debug for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.pairs.iter().map(|pair| &*pair.name).collect();
        f.debug_struct("Form")
            .field("names", &names)
            .finish_non_exhaustive()
    }
}
