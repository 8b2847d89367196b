//! [`RefreshToken`]: what a login lives on.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use crate::token::Fingerprint;

/// A refresh token (RFC 6749 §1.5). Some servers accept each only once.
#[derive(Clone)]
pub struct RefreshToken(SecretString);

impl RefreshToken {
    /// Takes the token as the server or a person gave it.
    pub fn new(secret: impl Into<SecretString>) -> Self {
        Self(secret.into())
    }

    /// The same, unless it has characters that no refresh token has (RFC 6749 A.17), or none at all: it could break out of
    /// a file or a terminal.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = !text.is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        is_one.then(|| Self::new(text.to_owned()))
    }

    /// The token itself.
    pub fn expose_secret(&self) -> &str {
        self.0.expose_secret()
    }

    /// What to show instead of the token.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(self.expose_secret())
    }

    /// Whether both are the same token.
    pub fn is_same(&self, other: &Self) -> bool {
        self.expose_secret() == other.expose_secret()
    }
}

impl fmt::Debug for RefreshToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RefreshToken")
            .field(&self.fingerprint())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_a_17_what_is_no_refresh_token_is_none() {
        for text in [
            "",
            "good\nexport EVIL=1",
            "\u{1b}]52;c;x",
            "t\u{e9}",
            "a\tb",
            "a\0",
        ] {
            assert!(RefreshToken::parse(text).is_none(), "{text:?}");
        }
        assert!(RefreshToken::parse("1.A b~!").is_some());
    }

    #[test]
    fn a_refresh_token_never_prints_itself() {
        let token = RefreshToken::new("canary");
        assert!(!format!("{token:?} {token:#?}").contains("canary"));
    }
}
