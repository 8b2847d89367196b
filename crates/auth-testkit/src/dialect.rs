//! [`Dialect`]: whose habits an issuer has.

pub(crate) mod keycloak;

/// Whose habits an issuer has where the RFCs leave room, and sometimes where they do not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Nobody's.
    Standard,
    /// Those of a realm of Keycloak 26.
    Keycloak,
}
