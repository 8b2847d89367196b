//! [`Fetched`]: the secrets that a grant is made from.

use std::collections::BTreeMap;

use auth_core::RefreshToken;
use secrecy::{ExposeSecret, SecretString};

/// The secrets of a profile by their keys' names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fetched {
    secrets: BTreeMap<&'static str, SecretString>,
    placeholder: Option<SecretString>,
}

impl Fetched {
    /// Something for every secret, for a grant that is only asked for its key.
    pub(super) fn placeholders() -> Self {
        Self {
            secrets: BTreeMap::new(),
            placeholder: Some("placeholder".into()),
        }
    }

    pub(crate) fn insert(&mut self, field: &'static str, secret: SecretString) {
        self.secrets.insert(field, secret);
    }

    pub(crate) fn has(&self, field: &str) -> bool {
        self.secrets.contains_key(field)
    }

    /// The refresh token that the session starts from, without what editors and `echo` put around it.
    pub(crate) fn refresh_token(&self) -> RefreshToken {
        let text = self.get("refresh-token").expose_secret();
        RefreshToken::new(text.trim_start_matches('\u{feff}').trim().to_owned())
    }

    /// The secret, of which [`needed`](super::needed) has said that it is needed.
    pub(super) fn get(&self, field: &str) -> &SecretString {
        static NONE: std::sync::LazyLock<SecretString> = std::sync::LazyLock::new(|| "".into());
        let secret = self.secrets.get(field).or(self.placeholder.as_ref());
        secret.unwrap_or(&NONE)
    }
}
