//! The environments of the repository, as they are published.

use auth_core::{Error, Result};

/// Where a repository runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Environment {
    /// For its developers.
    Development,
    /// For trying out what comes.
    Staging,
    /// The real one.
    Production,
}

impl Environment {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Development, Self::Staging, Self::Production];

    /// The name in the ids of clients.
    pub fn name(self) -> &'static str {
        match self {
            Self::Development => "development",
            Self::Staging => "staging",
            Self::Production => "production",
        }
    }

    /// The application of the API at Entra ID.
    pub fn application(self) -> &'static str {
        match self {
            Self::Development => "0a4b8df7-5c97-42b2-be07-2bb25e06dbb2",
            Self::Staging => "14e3f6c0-b8aa-46c6-98d9-29b0dd2a0f7c",
            Self::Production => "e314440e-f72c-4b8e-89c1-7eefef4b55ed",
        }
    }

    /// The client of the API in the realm.
    pub fn client(self) -> String {
        format!("destiny-repository-client-{}", self.name())
    }
}

/// Whose tokens a repository takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Provider {
    /// Entra ID's.
    #[default]
    Azure,
    /// The realm's.
    Keycloak,
    /// Those of both.
    Both,
}

impl Provider {
    pub(super) fn named(name: &str) -> Result<Self> {
        match name {
            "azure" => Ok(Self::Azure),
            "keycloak" => Ok(Self::Keycloak),
            "both" => Ok(Self::Both),
            _ => Err(
                Error::config("AUTH_PROVIDER is none of azure, keycloak and both")
                    .with_advice("name one of the three"),
            ),
        }
    }
}

/// The tenant of all environments.
pub const TENANT: &str = "f870e5ae-5521-4a94-b9ff-cdde7d36dd35";

/// The realm of all environments.
pub const REALM: &str = "https://auth.evidence-repository.org/realms/destiny";
