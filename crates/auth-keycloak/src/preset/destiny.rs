//! The DESTINY repository, whose logins a Keycloak keeps.
//!
//! Source: the vendor's Python SDK, version 0.17.6. Earlier environments log in at Entra ID.

use std::fmt;
use std::str::FromStr;

use auth_core::error::Untrusted;
use auth_core::{Error, Io, Result};
use url::Url;

use crate::Realm;

/// The issuer of every environment's tokens.
pub const ISSUER: &str = "https://auth.evidence-repository.org/realms/destiny";

/// The redirect URI that the clients are registered with.
pub const REDIRECT: &str = "http://localhost:8400/callback";

/// What a person's login asks for.
pub const PERSON_SCOPES: [&str; 3] = ["openid", "profile", "email"];

/// What a service asks for.
pub const SERVICE_SCOPES: [&str; 1] = ["openid"];

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

    /// The realm. No I/O.
    ///
    /// # Errors
    /// None in fact; it is the published one.
    pub fn realm(self, io: Io) -> Result<Realm> {
        Realm::from_issuer(ISSUER, io)
    }

    /// The public client with which people log in.
    pub fn client(self) -> String {
        format!("destiny-auth-client-{self}")
    }

    /// The client that the API is, which a token for it names.
    pub fn resource(self) -> String {
        format!("destiny-repository-client-{self}")
    }

    /// The base of the API.
    pub fn api_url(self) -> Url {
        let url = match self {
            Self::Development => "https://api.dev.evidence-repository.org",
            Self::Staging => "https://api.staging.evidence-repository.org",
            Self::Production => "https://api.evidence-repository.org",
        };
        Url::parse(url).expect("a published URL is a URL")
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_realm_is_one() {
        let realm = Environment::Production.realm(Io::new()).unwrap();
        assert_eq!(realm.issuer(), ISSUER);
    }

    #[test]
    fn an_environment_is_read_as_it_is_written() {
        for environment in Environment::ALL {
            assert_eq!(
                environment.to_string().parse::<Environment>().unwrap(),
                environment
            );
            assert_eq!(environment.api_url().scheme(), "https");
        }
        assert!("prod".parse::<Environment>().is_err());
    }
}
