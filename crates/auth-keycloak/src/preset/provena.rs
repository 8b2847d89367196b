//! Provena: an information system for modelling and simulation, installed by many.
//!
//! Sources: its Python clients (`provenaclient`, `mdsisclienttools`), its scripts for offline tokens and
//! the realm that its repository ships.

mod saved_login;

use std::fmt;
use std::str::FromStr;

use auth_core::error::Untrusted;
use auth_core::{AccessToken, Error, Io, Result};
use serde_json::{Map, Value};
use url::Url;

use crate::{Realm, claims};

pub use saved_login::SavedLogin;

/// The public client with which people's tools log in.
pub const TOOLS: &str = "client-tools";

/// The public client of the administrators' tools.
pub const ADMIN_TOOLS: &str = "admin-tools";

/// The public client for jobs that nobody watches: the only one that hands out offline tokens.
pub const AUTOMATED_ACCESS: &str = "automated-access";

/// What a person's login asks for. The realm adds the roles by itself; `openid` makes it say who logged in.
pub const PERSON_SCOPES: [&str; 1] = ["openid"];

/// What a login for an offline token asks for. With `offline_access` alone this realm's tokens lack the
/// roles, and every API refuses them.
pub const OFFLINE_SCOPES: [&str; 2] = ["offline_access", "roles"];

/// Whether `token` carries roles of the realm, without which every API of Provena refuses it. Nobody has
/// checked the token, so this is good for advice; `None` if it can't be read.
pub fn has_roles(token: &AccessToken) -> Option<bool> {
    let claims: Map<String, Value> = claims::unchecked(token.expose_secret())?;
    Some(claims.contains_key("realm_access"))
}

/// The environment variable in which the vendor's script expects an offline token.
pub const OFFLINE_TOKEN_VARIABLE: &str = "PROVENA_OFFLINE_TOKEN";

/// What stands before the domain in the hosts of the APIs.
pub const API_PREFIXES: [&str; 8] = [
    "data-api",
    "auth-api",
    "registry-api",
    "prov-api",
    "search",
    "search-service",
    "handle",
    "job-api",
];

/// One installation: its domain and the realm of its Keycloak.
#[derive(Clone, Debug)]
pub struct Instance {
    domain: String,
    issuer: String,
}

impl Instance {
    /// The installation at `domain`, whose Keycloak is at `auth.<domain>/auth` as the vendor sets it up.
    pub fn new(domain: impl Into<String>, realm: &str) -> Self {
        let domain = domain.into();
        let issuer = format!("https://auth.{domain}/auth/realms/{realm}");
        Self { domain, issuer }
    }

    /// Another place of the realm: the `keycloak_endpoint_override` of the vendor's clients.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        let issuer = issuer.into();
        Self { issuer, ..self }
    }

    /// The realm. No I/O.
    ///
    /// # Errors
    /// `Config` if domain and realm do not make an issuer.
    pub fn realm(&self, io: Io) -> Result<Realm> {
        Realm::from_issuer(&self.issuer, io)
    }

    /// The base of an API, by one of [`API_PREFIXES`] or one that was added since.
    ///
    /// # Errors
    /// `Config` if prefix and domain do not make a URL.
    pub fn api_url(&self, prefix: &str) -> Result<Url> {
        let host = format!("{prefix}.{}", self.domain);
        let url = Url::parse(&format!("https://{host}")).ok();
        let is_host = |url: &Url| url.host_str() == Some(&host.to_ascii_lowercase());
        url.filter(is_host).ok_or_else(|| {
            Error::config(format!("{} is no host", Untrusted::new(&host)))
                .with_advice("give the domain of the installation, without https:// or a path")
        })
    }
}

/// What an installation is for. The vendor's clients keep their logins under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// `TEST`.
    Test,
    /// `DEV`.
    Dev,
    /// `STAGE`.
    Stage,
    /// `PROD`.
    Prod,
}

impl Stage {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Test, Self::Dev, Self::Stage, Self::Prod];
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Test => "TEST",
            Self::Dev => "DEV",
            Self::Stage => "STAGE",
            Self::Prod => "PROD",
        })
    }
}

impl FromStr for Stage {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|one| one.to_string() == text);
        found.ok_or_else(|| {
            Error::config(format!("Provena has no stage {}", Untrusted::new(text)))
                .with_advice("choose TEST, DEV, STAGE or PROD")
        })
    }
}
