//! [`IdToken`]: a statement about who logged in, unchecked.

mod claims;
#[cfg(feature = "person")]
mod expected;
#[cfg(feature = "person")]
mod token_issuer;

use std::fmt;
use std::time::SystemTime;

use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "person")]
pub(crate) use self::expected::Expected;
#[cfg(feature = "person")]
pub(crate) use self::token_issuer::TokenIssuer;

use self::claims::Claims;
use crate::error::{Error, Result};
use crate::io::clock::bound;
use crate::token::{AccessToken, Fingerprint};

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

    /// The token as what an API is shown, which was asked for at `asked_at`: it works until its `exp`; unchecked.
    pub(crate) fn as_credential(&self, asked_at: SystemTime) -> Result<AccessToken> {
        let claims = Claims::of(self.expose_secret())
            .map_err(|why| Error::protocol(format!("the ID token {why}")))?;
        // Exact: below 2^53, and what is no time is the first.
        let end = bound::since_epoch(claims.exp.max(0.0) as u64);
        AccessToken::new(self.0.clone(), asked_at, end)
    }

    /// Whom it is about; unchecked.
    pub(crate) fn subject(&self) -> Option<String> {
        Claims::of(self.expose_secret())
            .ok()
            .map(|claims| claims.sub)
    }

    /// The session at the server that it was issued in (OpenID Connect Front-Channel Logout §3); unchecked.
    pub(crate) fn server_session(&self) -> Option<String> {
        Claims::of(self.expose_secret()).ok()?.sid
    }

    /// A refreshed ID token must be from the same issuer, about the same person, and for all whom the one
    /// before was for (OpenID Connect Core §12.2). One that can't be read says nothing of that.
    pub(crate) fn ensure_follows(&self, before: &Self) -> Result<()> {
        let claims = |token: &Self| Claims::of(token.expose_secret());
        let wrong = |what: &str| {
            Err(Error::protocol(format!("the refreshed ID token {what}"))
                .with_advice("log in again"))
        };
        let new = match claims(self) {
            Ok(new) => new,
            Err(why) => return wrong(&why),
        };
        let Ok(old) = claims(before) else {
            return Ok(());
        };
        if new.iss != old.iss {
            return wrong("is from another issuer");
        }
        if new.sub != old.sub {
            return wrong("is about somebody else");
        }
        let mut all = old.aud.names().iter();
        match all.all(|name| new.aud.names().contains(name)) {
            true => Ok(()),
            false => wrong("is for another client"),
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

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::IdToken;

    /// This crate's tests are built with and without a person's logins.
    #[test]
    fn what_counts_as_readable_is_the_same_whatever_the_crate_was_built_for() {
        let token =
            |claims: &str| IdToken::new(format!("e30.{}.x", URL_SAFE_NO_PAD.encode(claims)));
        let whole = r#"{"iss":"i","sub":"s","aud":"a","exp":2,"iat":1}"#;
        assert!(token(whole).ensure_follows(&token(whole)).is_ok());
        for gone in ["iss", "sub", "aud", "exp", "iat"] {
            let less = whole.replace(gone, "other");
            let error = token(&less).ensure_follows(&token(whole)).unwrap_err();
            assert!(
                error.message().contains(&format!("no `{gone}`")),
                "{gone}: {error}"
            );
        }
    }
}
