//! [`Kind`]: which flow gets the token.

use std::fmt;

/// The kinds of profiles: which flow gets the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    JwtBearer,
    ClientCredentials,
    Keycloak,
    Oidc,
    Refresh,
    Desp,
    Entra,
    ManagedIdentity,
    Chain,
    TokenExchange,
}

impl Kind {
    /// As the file spells them.
    pub(crate) const NAMES: &'static [&'static str] = &[
        "jwt-bearer",
        "client-credentials",
        "refresh",
        "keycloak",
        "oidc",
        "desp",
        "entra",
        "managed-identity",
        "chain",
        "token-exchange",
    ];

    /// The kind of that name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        match name {
            "jwt-bearer" => Some(Self::JwtBearer),
            "client-credentials" => Some(Self::ClientCredentials),
            "keycloak" => Some(Self::Keycloak),
            "oidc" => Some(Self::Oidc),
            "refresh" => Some(Self::Refresh),
            "desp" => Some(Self::Desp),
            "entra" => Some(Self::Entra),
            "managed-identity" => Some(Self::ManagedIdentity),
            "chain" => Some(Self::Chain),
            "token-exchange" => Some(Self::TokenExchange),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JwtBearer => "jwt-bearer",
            Self::ClientCredentials => "client-credentials",
            Self::Keycloak => "keycloak",
            Self::Oidc => "oidc",
            Self::Refresh => "refresh",
            Self::Desp => "desp",
            Self::Entra => "entra",
            Self::ManagedIdentity => "managed-identity",
            Self::Chain => "chain",
            Self::TokenExchange => "token-exchange",
        })
    }
}
