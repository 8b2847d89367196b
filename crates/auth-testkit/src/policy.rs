//! [`Policy`]: how the issuer treats tokens.

use std::time::Duration;

use crate::token::Purpose;

/// How the issuer treats the tokens that it gives from now on.
///
/// ```
/// # use std::time::Duration;
/// # use auth_testkit::{Policy, Rotation, Server, TestClock};
/// let server = Server::new(TestClock::new());
/// let short = Policy::new().with_token_life(Duration::from_secs(60));
/// server.set_policy(short.with_rotation(Rotation::Silent));
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    pub(crate) token_life: Duration,
    pub(crate) opaque: bool,
    pub(crate) rotation: Rotation,
    pub(crate) reuse_grace: Duration,
    pub(crate) reuse_limit: u32,
    pub(crate) refresh_life: Option<Duration>,
    pub(crate) offline_life: Option<Duration>,
    pub(crate) keeps_sessions: bool,
    pub(crate) granted_scopes: Option<Vec<String>>,
    pub(crate) device_interval: Duration,
    pub(crate) device_life: Duration,
}

impl Policy {
    /// Access tokens are JWTs of one hour; refresh tokens work once and end with the login only.
    pub fn new() -> Self {
        Self {
            token_life: Duration::from_secs(3600),
            opaque: false,
            rotation: Rotation::OneUse,
            reuse_grace: Duration::ZERO,
            reuse_limit: 0,
            refresh_life: None,
            offline_life: None,
            keeps_sessions: false,
            granted_scopes: None,
            device_interval: Duration::from_secs(5),
            device_life: Duration::from_secs(600),
        }
    }

    /// What Keycloak does unless its administrator wants something else: access tokens of five minutes,
    /// sessions that end when nobody uses them for half an hour, offline ones after 30 days; every refresh
    /// gives another refresh token, and the old ones stay valid.
    pub fn of_keycloak() -> Self {
        Self {
            token_life: Duration::from_secs(300),
            rotation: Rotation::Lenient,
            refresh_life: Some(Duration::from_secs(1800)),
            offline_life: Some(Duration::from_secs(30 * 86_400)),
            ..Self::new()
        }
    }

    /// What Entra ID does: access tokens of an hour; every refresh gives another refresh token, the old ones
    /// stay valid, and each ends 90 days after its making; 15 minutes for a device's code.
    pub fn of_entra() -> Self {
        Self {
            rotation: Rotation::Lenient,
            refresh_life: Some(Duration::from_secs(90 * 86_400)),
            device_life: Duration::from_secs(900),
            ..Self::new()
        }
    }

    /// How long an access token works.
    #[must_use]
    pub fn with_token_life(self, token_life: Duration) -> Self {
        Self { token_life, ..self }
    }

    /// Access tokens are random text instead of JWTs.
    #[must_use]
    pub fn with_opaque_tokens(self) -> Self {
        Self {
            opaque: true,
            ..self
        }
    }

    /// What becomes of a refresh token that is redeemed.
    #[must_use]
    pub fn with_rotation(self, rotation: Rotation) -> Self {
        Self { rotation, ..self }
    }

    /// For how long a refresh token of [`Rotation::OneUse`] is still taken after its use.
    #[must_use]
    pub fn with_reuse_grace(self, reuse_grace: Duration) -> Self {
        Self {
            reuse_grace,
            ..self
        }
    }

    /// How often a refresh token of [`Rotation::OneUse`] may be used again.
    #[must_use]
    pub fn with_reuse_limit(self, reuse_limit: u32) -> Self {
        Self {
            reuse_limit,
            ..self
        }
    }

    /// How long the offline session of a realm waits for its next use.
    #[must_use]
    pub fn with_offline_life(self, life: Duration) -> Self {
        Self {
            offline_life: Some(life),
            ..self
        }
    }

    /// A realm goes on knowing the browser in which nothing but an offline login was made. Keycloak ends the person's
    /// session as soon as such a login has its tokens, and with it the codes that others have got in it meanwhile;
    /// unless the same client has asked for a code twice.
    #[must_use]
    pub fn with_sessions_kept(self) -> Self {
        Self {
            keeps_sessions: true,
            ..self
        }
    }

    /// How long a refresh token works, counted anew for each. The answers then say so in
    /// `refresh_expires_in`, which Keycloak does and no standard names.
    #[must_use]
    pub fn with_refresh_life(self, life: Duration) -> Self {
        Self {
            refresh_life: Some(life),
            ..self
        }
    }

    /// Grants no other scopes than these, whatever is asked for. The answer names what is left.
    #[must_use]
    pub fn with_granted_scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        Self {
            granted_scopes: Some(scopes.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// How long a device must wait between two polls. One that comes too early is told to slow down
    /// (RFC 8628 §3.5), whatever the person decided.
    #[must_use]
    pub fn with_device_interval(self, device_interval: Duration) -> Self {
        Self {
            device_interval,
            ..self
        }
    }

    /// How long a device code waits for a person.
    #[must_use]
    pub fn with_device_life(self, device_life: Duration) -> Self {
        Self {
            device_life,
            ..self
        }
    }

    /// How long a refresh token for `purpose` works.
    pub(crate) fn life(&self, purpose: &Purpose) -> Option<Duration> {
        if purpose.offline {
            self.offline_life
        } else {
            self.refresh_life
        }
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

/// What becomes of a refresh token that is redeemed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Rotation {
    /// It stays valid, and the answer holds no refresh token.
    Silent,
    /// It stays valid, and the answer names it again.
    Same,
    /// The answer holds a new one; the old one stays valid too.
    Lenient,
    /// The answer holds a new one; using the old one again ends the whole login.
    OneUse,
}
