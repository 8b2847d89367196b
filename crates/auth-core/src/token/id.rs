//! [`IdToken`]: a statement about who logged in, unchecked.

mod claims;
#[cfg(feature = "person")]
mod expected;

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "person")]
pub(crate) use self::expected::Expected;

use self::claims::Claims;
use crate::error::{Error, Result};
use crate::token::Fingerprint;

/// An ID token (OpenID Connect Core §2) as it came. Nothing in it has been checked, so it shows no
/// claims: a verifier does.
#[derive(Clone)]
pub struct IdToken(SecretString);

impl IdToken {
    /// Takes the token as the server gave it.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self(secret.into())
    }

    /// The token itself.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// Whom it is about; unchecked.
    pub(crate) fn subject(&self) -> Option<String> {
        Claims::of(self.expose_secret()).map(|claims| claims.sub)
    }

    /// A refreshed ID token must be from the same issuer and about the same person as the one before
    /// (OpenID Connect Core §12.2). One that can't be read says nothing of whom it is about.
    pub(crate) fn ensure_follows(&self, before: &Self) -> Result<()> {
        let claims = |token: &Self| Claims::of(token.expose_secret());
        let wrong = |what: &str| {
            Err(Error::protocol(format!("the refreshed ID token {what}"))
                .with_advice("log in again"))
        };
        match (claims(before), claims(self)) {
            (_, None) => wrong("can't be read"),
            (Some(old), Some(new)) if (&old.iss, &old.sub) != (&new.iss, &new.sub) => {
                wrong("is about somebody else")
            }
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdToken")
            .field(&Fingerprint::of(self.expose_secret()))
            .finish()
    }
}
