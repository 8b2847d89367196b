//! [`Variables`]: the environment, as the program hands it in.

use secrecy::{ExposeSecret, SecretString};

/// The environment. An empty variable counts as not set.
#[derive(Clone, Copy)]
pub(crate) struct Variables<'a>(pub(crate) &'a dyn Fn(&str) -> Option<SecretString>);

impl Variables<'_> {
    pub(crate) fn secret(self, name: &str) -> Option<SecretString> {
        (self.0)(name).filter(|value| !value.expose_secret().is_empty())
    }

    /// The value of one that holds no secret.
    pub(crate) fn text(self, name: &str) -> Option<String> {
        let value = self.secret(name)?;
        Some(value.expose_secret().to_owned())
    }

    pub(crate) fn has(self, name: &str) -> bool {
        self.secret(name).is_some()
    }
}
