//! [`User`]: a person with an account at a realm.

use std::fmt;

use crate::random;
use crate::totp::Totp;

/// A person with an account at a [`Realm`](crate::Realm).
///
/// ```
/// # use auth_testkit::{RequiredAction, User};
/// let ada = User::new("ada", "pw").with_totp("a secret of twenty b");
/// let bob = User::new("bob", "pw").with_required_action(RequiredAction::UpdatePassword);
/// ```
#[derive(Clone)]
pub struct User {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) password: String,
    pub(crate) email: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) roles: Vec<String>,
    pub(crate) devices: Vec<Totp>,
    /// What is left of them, and how many there were.
    pub(crate) recovery_codes: (Vec<String>, usize),
    /// Whether those came before any device, and are asked for first.
    pub(crate) prefers_recovery: bool,
    pub(crate) has_key: bool,
    pub(crate) may_go_offline: bool,
    pub(crate) actions: Vec<RequiredAction>,
    condition: Condition,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Condition {
    Well,
    Disabled,
    Locked,
}

/// What a person must do before the login goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RequiredAction {
    /// Set up one-time codes.
    ConfigureTotp,
    /// Accept the terms.
    TermsAndConditions,
    /// Choose another password.
    UpdatePassword,
    /// Confirm their e-mail address, by a link that is sent to it.
    VerifyEmail,
    /// Complete what is known about them.
    VerifyProfile,
}

impl RequiredAction {
    /// How Keycloak calls it in the `execution` of a URL.
    pub fn alias(self) -> &'static str {
        match self {
            Self::ConfigureTotp => "CONFIGURE_TOTP",
            Self::TermsAndConditions => "TERMS_AND_CONDITIONS",
            Self::UpdatePassword => "UPDATE_PASSWORD",
            Self::VerifyEmail => "VERIFY_EMAIL",
            Self::VerifyProfile => "VERIFY_PROFILE",
        }
    }
}

impl User {
    /// Somebody who logs in with a password alone.
    pub fn new(name: impl Into<String>, password: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            id: random::uuid(),
            password: password.into(),
            email: format!("{name}@example.org"),
            first_name: name.clone(),
            last_name: "Example".to_owned(),
            name,
            roles: Vec::new(),
            devices: Vec::new(),
            recovery_codes: (Vec::new(), 0),
            prefers_recovery: false,
            has_key: false,
            may_go_offline: true,
            actions: Vec::new(),
            condition: Condition::Well,
        }
    }

    /// Their first and last name.
    #[must_use]
    pub fn with_name(self, first: impl Into<String>, last: impl Into<String>) -> Self {
        Self {
            first_name: first.into(),
            last_name: last.into(),
            ..self
        }
    }

    /// Their address.
    #[must_use]
    pub fn with_email(self, email: impl Into<String>) -> Self {
        Self {
            email: email.into(),
            ..self
        }
    }

    /// A role that they have in the realm.
    #[must_use]
    pub fn with_role(mut self, role: impl Into<String>) -> Self {
        self.roles.push(role.into());
        self
    }

    /// Asks for a one-time code of six digits (RFC 6238, SHA-1, 30 s) after the password. The secret
    /// is the key's bytes, not their base32. Given again, it is another device of theirs.
    #[must_use]
    pub fn with_totp(mut self, secret: impl Into<Vec<u8>>) -> Self {
        let label = format!("device {}", self.devices.len() + 1);
        self.devices.push(Totp::new(label, secret.into()));
        self
    }

    /// Asks for one of these codes after the password, each in its turn and good once. Where they have a device as well,
    /// what was given first is asked for first, and the page leads to the other.
    #[must_use]
    pub fn with_recovery_codes<S: Into<String>>(self, codes: impl IntoIterator<Item = S>) -> Self {
        let codes: Vec<String> = codes.into_iter().map(Into::into).collect();
        let count = codes.len();
        Self {
            recovery_codes: (codes, count),
            prefers_recovery: self.devices.is_empty(),
            ..self
        }
    }

    /// Asks for a security key (WebAuthn) after the password, which nobody has at hand: the page leads to whatever else they
    /// prove it with.
    #[must_use]
    pub fn with_security_key(self) -> Self {
        Self {
            has_key: true,
            ..self
        }
    }

    /// They lack the role `offline_access`, without which a realm gives them no offline token.
    #[must_use]
    pub fn without_offline_access(self) -> Self {
        Self {
            may_go_offline: false,
            ..self
        }
    }

    /// Something to do at the next login, after what was asked for already.
    #[must_use]
    pub fn with_required_action(mut self, action: RequiredAction) -> Self {
        self.actions.push(action);
        self
    }

    /// They may no longer log in, which is told to whoever knows the password.
    #[must_use]
    pub fn disabled(self) -> Self {
        let condition = Condition::Disabled;
        Self { condition, ..self }
    }

    /// Too many wrong passwords were tried: the right one is now answered as if it were wrong.
    #[must_use]
    pub fn locked(self) -> Self {
        let condition = Condition::Locked;
        Self { condition, ..self }
    }

    pub(crate) fn is_disabled(&self) -> bool {
        self.condition == Condition::Disabled
    }

    /// Whether it is taken as theirs.
    pub(crate) fn knows(&self, password: &str) -> bool {
        self.password == password && self.condition != Condition::Locked
    }
}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User")
            .field("name", &self.name)
            .field("devices", &self.devices.len())
            .field("actions", &self.actions)
            .finish_non_exhaustive()
    }
}
