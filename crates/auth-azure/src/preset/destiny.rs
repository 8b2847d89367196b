//! The DESTINY repository, where its logins are at Entra ID.
//!
//! Sources: the vendor's documentation of API authentication and its Python SDK. Since version 0.13 of the SDK its people
//! and services log in at a Keycloak; managed identities stay here.

mod selection;

use std::fmt;
use std::str::FromStr;

use auth_core::error::Untrusted;
use auth_core::{CachedSource, Error, Io, Result};
use url::Url;

pub use self::selection::{Selection, Who};
use crate::{Identity, ManagedIdentity, Tenant};

/// The login URL of every environment: the tenant `JT_AD`.
pub const LOGIN_URL: &str =
    "https://login.microsoftonline.com/f870e5ae-5521-4a94-b9ff-cdde7d36dd35";

/// Which copy of the repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// For the vendor's own work.
    Development,
    /// For tests before a release.
    Staging,
    /// The one that everybody uses.
    Production,
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Development, Self::Staging, Self::Production];

    /// The tenant. No I/O.
    ///
    /// # Errors
    /// None in fact; it is the published one.
    pub fn tenant(self, io: Io) -> Result<Tenant> {
        Tenant::from_login_url(LOGIN_URL, io)
    }

    /// The public client with which people log in.
    pub fn client(self) -> &'static str {
        match self {
            Self::Development => "0fde62ae-2203-44a5-9722-73e965325ae7",
            Self::Staging => "96ed941e-15dc-4ec0-b9e7-e4eda99efd2e",
            Self::Production => "7164ff26-4078-4107-850f-57b43b97f605",
        }
    }

    /// The application that the API is: what its tokens name as their audience.
    pub fn application(self) -> &'static str {
        match self {
            Self::Development => "0a4b8df7-5c97-42b2-be07-2bb25e06dbb2",
            Self::Staging => "14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c",
            Self::Production => "e314440e-f72c-4b8e-89c1-7eefef4b55ed",
        }
    }

    /// The scope that people and services ask for.
    pub fn scope(self) -> String {
        scope(self.application())
    }

    /// The tokens of the managed identity with this client id on the machine `here`: the SDK's third way to ask.
    ///
    /// # Errors
    /// `Config` where the machine lets nobody choose an identity.
    pub fn managed_identity(self, here: ManagedIdentity, client_id: &str) -> Result<CachedSource> {
        let here = here.with_identity(Identity::ClientId(client_id.to_owned()));
        here.source(&format!("api://{}", self.application()))
    }

    /// The base of the API, to which `v1/` and a path are added.
    pub fn api_url(self) -> Url {
        published(match self {
            Self::Development => "https://api.dev.evidence-repository.org",
            Self::Staging => "https://api.staging.evidence-repository.org",
            Self::Production => "https://api.evidence-repository.org",
        })
    }
}

/// The scope for the API that is this application.
pub fn scope(application: &str) -> String {
    format!("api://{application}/.default")
}

fn published(url: &str) -> Url {
    Url::parse(url).expect("a published URL is a URL")
}

impl fmt::Display for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        })
    }
}

impl FromStr for Environment {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let found = Self::ALL.into_iter().find(|one| one.to_string() == text);
        found.ok_or_else(|| {
            Error::config(format!(
                "DESTINY has no environment {}",
                Untrusted::new(text)
            ))
            .with_advice("choose development, staging or production")
        })
    }
}
