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
    /// All of them, in the order in which they are listed for people.
    pub(crate) const ALL: &'static [Self] = &[
        Self::JwtBearer,
        Self::ClientCredentials,
        Self::Refresh,
        Self::Keycloak,
        Self::Oidc,
        Self::Desp,
        Self::Entra,
        Self::ManagedIdentity,
        Self::Chain,
        Self::TokenExchange,
    ];

    /// Their names, in that order.
    pub(crate) const NAMES: &'static [&'static str] = &{
        let mut names = [""; Self::ALL.len()];
        let mut at = 0;
        while at < names.len() {
            names[at] = Self::ALL[at].name();
            at += 1;
        }
        names
    };

    /// As the file spells it.
    const fn name(self) -> &'static str {
        match self {
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
        }
    }

    /// The kind of that name.
    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
