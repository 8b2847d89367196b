//! [`ClientSecret`]: what a client proves itself with, fetched when it is needed, and looked at before it is sent.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result, is_harmful};
use crate::io::clock::Clock;
use crate::io::quoted;
use crate::session::{Held, Secret};

/// A client's secret, and what it is once it was revealed.
#[derive(Clone)]
pub(super) struct ClientSecret {
    source: Arc<dyn Secret>,
    known: Option<SecretString>,
}

impl ClientSecret {
    pub(super) fn new(source: impl Secret + 'static) -> Self {
        Self {
            source: Arc::new(source),
            known: None,
        }
    }

    /// The same with the secret of the client `id` at hand.
    pub(super) async fn revealed(&self, id: &str, held: &Held, clock: &dyn Clock) -> Result<Self> {
        let known = match &self.known {
            Some(known) => known.clone(),
            None => sound(id, held.reveal(&*self.source, clock).await?)?,
        };
        Ok(Self {
            source: self.source.clone(),
            known: Some(known),
        })
    }

    /// The server refused it.
    pub(super) fn refused(&self) {
        self.source.refused();
    }

    /// The secret, where it was revealed.
    pub(super) fn at_hand(&self) -> Option<&SecretString> {
        self.known.as_ref()
    }

    /// What is seldom meant about it, where it was revealed.
    pub(super) fn oddity(&self) -> Option<&'static str> {
        self.known.as_ref().and_then(oddity)
    }

    pub(super) fn known(&self) -> Result<&SecretString> {
        let unknown = || Error::protocol("the client's secret was not revealed before it was sent");
        self.known.as_ref().ok_or_else(unknown)
    }
}

/// A secret of a client has visible characters and blanks only (RFC 6749 A.2). Some servers let people choose one with
/// other letters, and know it again; what steers something is none.
fn sound(id: &str, secret: SecretString) -> Result<SecretString> {
    let text = secret.expose_secret();
    let odd = |c: char| is_harmful(c);
    let Some(place) = text.chars().position(odd) else {
        return Ok(secret);
    };
    let what = match text.chars().nth(place) {
        Some('\n' | '\r') => "a line break",
        Some('\u{feff}') => "a byte order mark",
        Some('\0') => "a zero byte",
        Some(c) if c.is_control() => "a control character",
        _ => "a character that is not seen",
    };
    let place = place + 1;
    Err(Error::config(format!(
        "the secret of the client `{}` has {what} at place {place}, and no secret of a client has one (RFC 6749 A.2)",
        quoted(id)
    ))
    .with_advice("give the secret alone, as it was issued"))
}

/// What is seldom meant about a secret that may be one.
fn oddity(secret: &SecretString) -> Option<&'static str> {
    let text = secret.expose_secret();
    let quotes = ['"', '\''];
    if text.len() > 1
        && quotes
            .iter()
            .any(|quote| text.starts_with(*quote) && text.ends_with(*quote))
    {
        return Some("has quotes around it");
    }
    if !text.is_ascii() {
        return Some("has characters outside ASCII");
    }
    (text.trim() != text).then_some("begins or ends with a blank")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_a_2_what_no_secret_can_be_is_refused_and_not_shown() {
        for (text, what) in [
            ("canary\n", "a line break at place 7"),
            ("\u{feff}canary", "a byte order mark at place 1"),
            ("c\0a", "a zero byte at place 2"),
            ("canary\t", "a control character at place 7"),
            ("canar\u{200b}y", "a character that is not seen at place 6"),
        ] {
            let error = sound("c", SecretString::from(text)).unwrap_err();
            assert!(error.message().contains(what), "{error}");
            assert!(!error.to_string().contains("anar"), "{error}");
        }
        for text in ["a b\"~!", " s ", "\u{e9}"] {
            assert!(sound("c", SecretString::from(text)).is_ok(), "{text}");
        }
        assert_eq!(oddity(&"\"s\"".into()), Some("has quotes around it"));
        assert_eq!(oddity(&"s ".into()), Some("begins or ends with a blank"));
        assert_eq!(oddity(&"s\"".into()), None);
    }
}
