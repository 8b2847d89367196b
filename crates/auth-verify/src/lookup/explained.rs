//! Refusals of tokens that were looked up, with what can be done about them.

use auth_core::{Error, ErrorKind};
use serde_json::Value;

use super::Settings;
use crate::claims::Claims;
use crate::issuer::CLIENT_FOR_AUDIENCE;
use crate::rejection::{Rejection, RejectionKind as Kind};
use crate::unverified::Unverified;

impl Settings {
    pub(super) fn explain(&self, kind: Kind, claims: Claims<'_>, token: &str) -> Rejection {
        let rejection = Rejection::new(kind);
        match kind {
            Kind::BadClaim => {
                let fault = claims.fault(&["aud"]);
                let rejection = fault.map(|fault| Rejection::new(kind).with_detail(fault));
                let rejection = rejection.unwrap_or_else(|| kind.into());
                match !claims.says("aud") && claims.says("client_id") {
                    true => rejection.with_hint(CLIENT_FOR_AUDIENCE),
                    false => rejection,
                }
            }
            Kind::Inactive => self.inactive(token),
            Kind::NotAnAccessToken => {
                rejection.with_hint("let the client send its access token, and no other")
            }
            _ => rejection,
        }
    }

    /// Why there is no answer. What the server refused because of this token alone is remembered with it.
    pub(super) fn unanswered(&self, error: Error, token: &str) -> Rejection {
        if !is_about_token(&error) {
            return Rejection::unavailable(error);
        }
        let why = match error.is_refusal("invalid_token") {
            true => self.inactive(token),
            false => Rejection::unavailable(error),
        };
        self.remember_refusal(token, &why);
        why
    }

    fn inactive(&self, token: &str) -> Rejection {
        Rejection::new(Kind::Inactive).with_hint(match self.is_not_told(token) {
            true => {
                "the token does not name the client that asks in `aud`, and some servers (Keycloak) then say that it is \
                 not active: add an audience mapper for that client"
            }
            false => {
                "it ended, was revoked or is another server's; some servers also say so where the client that asks is \
                 not one of the token's audiences"
            }
        })
    }

    /// Whether a token that can be read names others than the client that asks.
    fn is_not_told(&self, token: &str) -> bool {
        let Ok(seen) = Unverified::peek(token) else {
            return false;
        };
        let client = self.endpoint.client_id();
        match &seen.claims()["aud"] {
            Value::String(one) => one != client,
            Value::Array(all) => !all.iter().any(|one| one == client),
            _ => true,
        }
    }
}

/// Whether the server refuses this request and would take another one: it should say that such a token is not active
/// (RFC 7662 §2.2). Who comes with junk takes nothing from those who come with good tokens.
pub(super) fn is_about_token(error: &Error) -> bool {
    let is_clients = ["invalid_client", "unauthorized_client", "access_denied"];
    error.kind() == ErrorKind::Refused
        && matches!(error.status(), Some(400 | 413 | 414 | 422 | 431))
        && !is_clients.iter().any(|code| error.is_refusal(code))
}
