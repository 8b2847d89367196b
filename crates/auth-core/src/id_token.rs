//! [`IdToken`]: a statement about who logged in, unchecked.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::Fingerprint;

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
}

impl fmt::Debug for IdToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdToken")
            .field(&Fingerprint::of(self.expose_secret()))
            .finish()
    }
}
