//! [`TokenChecks`]: whatever tells good tokens from others.

use http::HeaderMap;

use crate::bearer::Bearer;
use crate::lookup::TokenLookup;
use crate::rejection::Rejection;
use crate::verified::Verified;
use crate::verifier::Verifier;

/// A [`Verifier`] for signed tokens (and for opaque ones beside them: [`Verifier::with_lookup`]), or a [`TokenLookup`] for
/// opaque ones alone.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum TokenChecks {
    /// Computes.
    Verifier(Verifier),
    /// Asks.
    Lookup(TokenLookup),
}

impl TokenChecks {
    /// Checks a token.
    ///
    /// # Errors
    /// Why it is not accepted.
    pub async fn verify(&self, bearer: Bearer<'_>) -> Result<Verified, Rejection> {
        match self {
            Self::Verifier(verifier) => verifier.verify(bearer).await,
            Self::Lookup(lookup) => lookup.verify(bearer).await,
        }
    }

    /// Checks the token of a request.
    ///
    /// # Errors
    /// Why the request is not let in.
    pub async fn verify_request(&self, headers: &HeaderMap) -> Result<Verified, Rejection> {
        match self {
            Self::Verifier(verifier) => verifier.verify_request(headers).await,
            Self::Lookup(lookup) => lookup.verify_request(headers).await,
        }
    }
}

#[cfg(feature = "tower")]
impl TokenChecks {
    /// Whether a request tries to say who calls.
    pub(crate) fn are_needed(&self, headers: &HeaderMap) -> bool {
        let header = match self {
            Self::Verifier(verifier) => verifier.header(),
            Self::Lookup(lookup) => lookup.header(),
        };
        headers.contains_key(header.name())
    }
}

impl From<Verifier> for TokenChecks {
    fn from(verifier: Verifier) -> Self {
        Self::Verifier(verifier)
    }
}

impl From<TokenLookup> for TokenChecks {
    fn from(lookup: TokenLookup) -> Self {
        Self::Lookup(lookup)
    }
}
