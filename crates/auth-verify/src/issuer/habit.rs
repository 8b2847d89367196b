//! [`Habit`]: how a kind of issuer writes its tokens.

use super::mark::Mark;
use crate::Algorithm;
use crate::claims::Claims;
use crate::entra::EntraIssuers;
use crate::rejection::RejectionKind as Kind;

#[derive(Clone, Debug)]
pub(crate) enum Habit {
    /// OpenID Connect, and nothing else that could be relied on.
    OpenId,
    Rfc9068,
    Entra(EntraIssuers),
    Keycloak,
}

/// What tells the access tokens of an issuer from its ID tokens, where they do not say what they are.
#[derive(Clone, Debug)]
pub(crate) enum Tell {
    /// What OpenID Connect puts into ID tokens alone.
    Usual,
    /// Nothing: they look alike.
    Nothing,
    /// A claim that only access tokens have.
    Claim(String),
}

impl Habit {
    pub(super) fn algorithms(&self) -> &'static [Algorithm] {
        match self {
            Self::Entra(_) => &[Algorithm::Rs256],
            _ => &Algorithm::ALL,
        }
    }

    pub(super) fn media_types(&self) -> &'static [&'static str] {
        match self {
            Self::Rfc9068 => &["at+jwt"],
            Self::Entra(_) => &["JWT"],
            Self::OpenId | Self::Keycloak => &["JWT", "at+jwt"],
        }
    }

    pub(super) fn ensure_access_token(&self, claims: Claims<'_>, tell: &Tell) -> Result<(), Kind> {
        if matches!(Mark::of(claims)?, Some(Mark::Id | Mark::Other)) {
            return Err(Kind::NotAnAccessToken);
        }
        let is_access = match tell {
            Tell::Usual => !self.looks_like_id_token(claims),
            Tell::Nothing => true,
            Tell::Claim(name) => claims.has(name),
        };
        if !is_access {
            return Err(Kind::NotAnAccessToken);
        }
        match (self, claims.text("typ")?) {
            (Self::Keycloak, Some(named)) if named.eq_ignore_ascii_case("Bearer") => Ok(()),
            (Self::Keycloak, Some(named)) if named.eq_ignore_ascii_case("DPoP") => Ok(()),
            (Self::Keycloak, _) => Err(Kind::NotAnAccessToken),
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
    pub(super) fn is_id_token(&self, claims: Claims<'_>, tell: &Tell) -> Result<bool, Kind> {
        Ok(match (Mark::of(claims)?, tell) {
            (Some(mark), _) => mark == Mark::Id,
            (None, Tell::Usual) => self.looks_like_id_token(claims),
            (None, Tell::Nothing) => false,
            (None, Tell::Claim(name)) => !claims.has(name),
        })
    }

    /// Whether it does not say what it is and is written like an ID token.
    fn looks_like_id_token(&self, claims: Claims<'_>) -> bool {
        match self {
            // Entra names the client in access tokens alone, and hashes in ID tokens alone.
            Self::Entra(_) => {
                !claims.says("azp") && !claims.says("appid")
                    || claims.says("at_hash")
                    || claims.says("c_hash")
            }
            // The hashes tie an ID token to what was issued beside it (OpenID Connect Core §3.3.2.11), a nonce
            // to a login. Access tokens that carry one also say what they are for, or whose they are.
            _ => {
                let says = |names: &[&str]| names.iter().any(|name| claims.says(name));
                says(&["at_hash", "c_hash", "s_hash"])
                    || says(&["nonce"]) && !says(&["scope", "scp", "client_id", "typ"])
            }
        }
    }

    /// Whether a token must be written as its RFC says, whatever is asked of it.
    pub(crate) fn insists_on_form(&self) -> bool {
        matches!(self, Self::Rfc9068)
    }

    /// Whether lists and booleans come as texts in some tenants.
    pub(crate) fn writes_lists_as_text(&self) -> bool {
        matches!(self, Self::Entra(_))
    }

    pub(super) fn is_for_graph(&self, claims: Claims<'_>) -> bool {
        let audience = claims.get("aud").and_then(crate::json::Json::text);
        matches!(self, Self::Entra(_))
            && audience.is_some_and(|named| GRAPH.contains(&named.trim_end_matches('/')))
    }
}

/// Microsoft Graph, by its id and by its URL.
const GRAPH: [&str; 2] = [
    "00000003-0000-0000-c000-000000000000",
    "https://graph.microsoft.com",
];
