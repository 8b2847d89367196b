//! Provena: APIs that take the tokens of one realm of Keycloak.
//!
//! Statuses and words are those of its APIs of May 2026, 401 for a missing role among them. What differs, on purpose:
//!
//! - its APIs ask neither who issued a token nor for whom: here it is the realm, byte for byte, and a client of a list
//!   (`azp`). Tokens of Provena name no audience but `account`; where the realm names one, say it, see
//!   [`Settings::with_audience`];
//! - keys are found by their ids and renewed, there one is fetched at the start; keys that can't be fetched are 503;
//! - a token without `exp`, an ID token, a refresh token and one that is bound to a key are refused;
//! - clocks may be a minute apart;
//! - nothing switches the checks off.

use auth_core::{Error, Io, Result};
use http::StatusCode;

use super::Refusal;
use crate::audience::Audience;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::verified::Verified;
use crate::verifier::Verifier;
use crate::{Keycloak, Keys};

/// The clients that programs of Provena's people log in with.
pub const CLIENTS: [&str; 3] = ["client-tools", "admin-tools", "automated-access"];

/// What roles are for.
pub const COMPONENTS: [&str; 5] = [
    "data-store",
    "entity-registry",
    "handle",
    "job-service",
    "sys-admin",
];

/// What may be done to a component.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Everything.
    Admin,
}

impl Access {
    /// The role in the realm: `entity-registry-read`.
    pub fn role(self, component: &str) -> String {
        let name = match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        };
        format!("{component}-{name}")
    }
}

/// How an API is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    realm: String,
    clients: Vec<String>,
    audience: Audience,
    keys: Option<Keys>,
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// `preferred_username`: a name for people, which may change hands.
    pub username: String,
    /// `email`.
    pub email: String,
    /// The roles of the realm.
    pub roles: Vec<String>,
}

impl Settings {
    /// The realm at this public URL, as its tokens spell it, and [`CLIENTS`].
    pub fn new(realm: impl Into<String>) -> Self {
        Self {
            realm: realm.into(),
            clients: CLIENTS.map(str::to_owned).into(),
            audience: Audience::whoever(),
            keys: None,
        }
    }

    /// Takes tokens that were issued to this client, too: a web page's.
    #[must_use]
    pub fn with_client(mut self, client: impl Into<String>) -> Self {
        self.clients.push(client.into());
        self
    }

    /// Takes only tokens for this audience, where the realm has a mapper for it.
    #[must_use]
    pub fn with_audience(self, audience: impl Into<Audience>) -> Self {
        Self {
            audience: audience.into(),
            ..self
        }
    }

    /// Keys from somewhere else than the realm's own address.
    #[must_use]
    pub fn with_keys(self, keys: Keys) -> Self {
        Self {
            keys: Some(keys),
            ..self
        }
    }

    /// Checks tokens. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the realm is no https URL, or ends with a slash.
    pub fn verifier(&self, io: Io) -> Result<Verifier> {
        if self.clients.iter().any(String::is_empty) {
            return Err(Error::config("a client of the realm has no name"));
        }
        let realm = Keycloak::new(&self.realm, self.audience.clone());
        let realm = match &self.keys {
            Some(keys) => realm.with_keys(keys.clone()),
            None => realm,
        };
        let issuer = realm
            .issuer(io)?
            .with_clients(self.clients.iter().cloned())?;
        Ok(Verifier::new(issuer))
    }
}

impl User {
    /// The user of a token.
    ///
    /// # Errors
    /// 401, if the token does not say what Provena needs. A token of `automated-access` has no roles
    /// unless the scope `roles` was asked for beside `offline_access`.
    pub fn of(token: &Verified) -> std::result::Result<Self, Refusal> {
        let roles = token.roles();
        let realm = roles.iter().filter_map(|role| role.strip_prefix("realm:"));
        let roles: Vec<_> = realm.map(str::to_owned).collect();
        let said = token
            .view()
            .get("realm_access")
            .is_some_and(|access| access.get("roles").is_some());
        let readable = token.readable_roles().is_ok();
        match (token.text("preferred_username"), token.text("email")) {
            (Some(username), Some(email)) if said && readable => Ok(Self {
                username: username.into_owned(),
                email: email.into_owned(),
                roles,
            }),
            _ => {
                let rejection = Rejection::new(Kind::BadClaim).with_hint(INCOMPLETE);
                Err(refused(
                    &token.refused(rejection),
                    "Token had incorrect structure.",
                ))
            }
        }
    }

    /// Whether the user has one of these roles.
    ///
    /// # Errors
    /// 401, as Provena answers it.
    pub fn check<S: AsRef<str>>(&self, any: &[S]) -> std::result::Result<(), Refusal> {
        let has = |role: &S| self.roles.iter().any(|own| own == role.as_ref());
        match any.iter().any(has) {
            true => Ok(()),
            false => {
                let missing = any.iter().map(|role| role.as_ref().to_owned()).collect();
                let rejection = Rejection::new(Kind::RoleMissing)
                    .with_missing(missing)
                    .told();
                Err(refused(
                    &rejection,
                    "You are not authorised to access this resource as you don't have the correct role.",
                ))
            }
        }
    }
}

/// What an API of Provena answers to a request that is not let in.
pub fn refusal(rejection: &Rejection) -> Refusal {
    refused(
        rejection,
        match rejection.kind() {
            Kind::NoCredentials => "Not authenticated",
            _ => "Could not validate credentials",
        },
    )
}

/// 401 and a bare challenge, unless it is not the caller's fault.
fn refused(rejection: &Rejection, detail: &str) -> Refusal {
    let refusal = Refusal::of(rejection, detail);
    if refusal.status.is_server_error() {
        return refusal;
    }
    let bare = Rejection::from(Kind::NoCredentials);
    Refusal {
        headers: bare.headers(),
        ..refusal.with_status(StatusCode::UNAUTHORIZED)
    }
}

const INCOMPLETE: &str = "Provena needs `preferred_username`, `email` and the roles of the realm: for an offline token, \
    ask for the scope `roles`, too";
