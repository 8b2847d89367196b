//! [`Selection`]: which of the SDK's three ways of asking is meant.

use auth_core::{Error, Result};

/// The arguments of the SDK's middleware, of which some exclude each other.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    client_id: String,
    login_url: Option<String>,
    has_secret: bool,
    is_managed: bool,
}

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Who {
    /// Somebody who logs in.
    Person,
    /// A service with a client secret.
    Application,
    /// A managed identity, by its client id.
    ManagedIdentity,
}

impl Selection {
    /// The client (`azure_client_id`): that of the application, or of the managed identity.
    pub fn new(client_id: impl Into<String>) -> Self {
        Self {
            client_id: client_id.into(),
            ..Self::default()
        }
    }

    /// The login URL (`azure_login_url`), if one is given.
    #[must_use]
    pub fn with_login_url(self, login_url: Option<String>) -> Self {
        Self { login_url, ..self }
    }

    /// Whether there is a secret (`azure_client_secret`).
    #[must_use]
    pub fn with_secret(self, has_secret: bool) -> Self {
        Self { has_secret, ..self }
    }

    /// Whether the machine says who it is (`use_managed_identity`).
    #[must_use]
    pub fn with_managed_identity(self, is_managed: bool) -> Self {
        Self { is_managed, ..self }
    }

    /// Who asks, by the rules of the SDK.
    ///
    /// # Errors
    /// `Config` for what excludes each other or is missing.
    pub fn who(&self) -> Result<Who> {
        let has_login_url = self.login_url.as_ref().is_some_and(|url| !url.is_empty());
        if self.client_id.trim().is_empty() {
            return Err(match self.is_managed {
                true => Error::config("no client id is given for the managed identity")
                    .with_advice("give that of a user-assigned identity: DESTINY knows no other"),
                false => Error::config("no client id is given")
                    .with_advice("give that of your environment, as DESTINY publishes it"),
            });
        }
        let excess = match (has_login_url, self.has_secret) {
            (true, true) => "a login URL and a client secret",
            (true, false) => "a login URL",
            (false, true) => "a client secret",
            (false, false) => "",
        };
        match (self.is_managed, has_login_url) {
            (true, _) if !excess.is_empty() => Err(Error::config(format!(
                "a managed identity is asked for together with {excess}"
            ))
            .with_advice(
                "leave that out: the machine proves who it is; or do without the managed identity",
            )),
            (true, _) => Ok(Who::ManagedIdentity),
            (false, false) => Err(Error::config("no login URL is given").with_advice(format!(
                "give {}, or ask for the managed identity",
                super::LOGIN_URL
            ))),
            (false, true) if self.has_secret => Ok(Who::Application),
            (false, true) => Ok(Who::Person),
        }
    }
}
