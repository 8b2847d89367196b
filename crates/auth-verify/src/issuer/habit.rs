//! [`Habit`]: how a kind of issuer writes its tokens.

use std::borrow::Cow;

use crate::Algorithm;
use crate::claims::Claims;
use crate::entra::EntraIssuers;
use crate::keys::Key;
use crate::rejection::RejectionKind as Kind;

#[derive(Clone, Debug)]
pub(crate) enum Habit {
    /// OpenID Connect, and nothing else that could be relied on.
    OpenId,
    Rfc9068,
    Entra(EntraIssuers),
    Keycloak,
}

impl Habit {
    pub(super) fn algorithms(&self) -> &'static [Algorithm] {
        use Algorithm::{EdDsa, Es256, Es384, Ps256, Rs256};
        match self {
            Self::Entra(_) => &[Rs256],
            _ => &[Rs256, Ps256, Es256, Es384, EdDsa],
        }
    }

    pub(super) fn media_types(&self) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 => &["at+jwt"],
            Self::Entra(_) => &["JWT"],
            Self::OpenId | Self::Keycloak => &["JWT", "at+jwt"],
        }
    }

    /// What the vendor's tokens must say beyond what all must.
    pub(super) fn ensure_written(&self, claims: Claims<'_>, key: &Key) -> Result<(), Kind> {
        match self {
            Self::Entra(issuers) => issuers.ensure_coherent(claims, key),
            _ => Ok(()),
        }
    }

    pub(super) fn ensure_access_token(&self, claims: Claims<'_>) -> Result<(), Kind> {
        if self.is_id_token(claims)? {
            return Err(Kind::NotAnAccessToken);
        }
        match (self, self.payload_type(claims)?) {
            (Self::Keycloak, Some(named)) if named.eq_ignore_ascii_case("Bearer") => Ok(()),
            (Self::Keycloak, Some(named)) if named.eq_ignore_ascii_case("DPoP") => Ok(()),
            (Self::Keycloak, _) => Err(Kind::NotAnAccessToken),
            _ if Self::is_foreign(claims)? => Err(Kind::NotAnAccessToken),
            (Self::Rfc9068, _) => {
                for name in ["sub", "client_id", "jti"] {
                    claims.required_text(name)?;
                }
                claims.number("iat")?.map(drop).ok_or(Kind::BadClaim)
            }
            _ => Ok(()),
        }
    }

    /// Whether the token says who logged in, and opens nothing.
    pub(super) fn is_id_token(&self, claims: Claims<'_>) -> Result<bool, Kind> {
        let named = self.payload_type(claims)?;
        if named.is_some_and(|named| named.eq_ignore_ascii_case("ID")) {
            return Ok(true);
        }
        Ok(match self {
            // Entra names the client in access tokens alone, and hashes in ID tokens alone.
            Self::Entra(_) => {
                !claims.has("azp") && !claims.has("appid")
                    || claims.has("at_hash")
                    || claims.has("c_hash")
            }
            // The hashes tie an ID token to what was issued beside it (OpenID Connect Core §3.3.2.11), a nonce
            // to a login. Access tokens that carry one also say what they are for, or whose they are.
            _ => {
                let has = |names: &[&str]| names.iter().any(|name| claims.has(name));
                has(&["at_hash", "c_hash", "s_hash"])
                    || has(&["nonce"]) && !has(&["scope", "scp", "client_id", "typ"])
            }
        })
    }

    /// Keycloak's `typ` among the claims.
    pub(super) fn payload_type<'a>(
        &self,
        claims: Claims<'a>,
    ) -> Result<Option<Cow<'a, str>>, Kind> {
        claims.text("typ")
    }

    /// Whether the claims say that the token is of a kind that opens no API.
    pub(crate) fn is_foreign(claims: Claims<'_>) -> Result<bool, Kind> {
        let named = claims.text("typ")?;
        Ok(named.is_some_and(|named| FOREIGN.iter().any(|one| named.eq_ignore_ascii_case(one))))
    }

    pub(super) fn is_for_graph(&self, claims: Claims<'_>) -> bool {
        let audience = claims.get("aud").and_then(crate::json::Json::text);
        matches!(self, Self::Entra(_))
            && audience.is_some_and(|named| GRAPH.contains(&named.trim_end_matches('/')))
    }
}

/// What Keycloak calls tokens that open no API.
const FOREIGN: [&str; 5] = ["ID", "Refresh", "Offline", "Logout", "Serialized-ID"];

/// Microsoft Graph, by its id and by its URL.
const GRAPH: [&str; 2] = [
    "00000003-0000-0000-c000-000000000000",
    "https://graph.microsoft.com",
];
