//! Refusals of tokens that were looked up, with what can be done about them.

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
            Kind::Inactive if self.is_not_told(token) => rejection.with_hint(
                "the token does not name the client that asks in `aud`, and some servers (Keycloak) then say that it is \
                 not active: add an audience mapper for that client",
            ),
            Kind::Inactive => rejection.with_hint(
                "it ended, was revoked or is another server's; some servers also say so where the client that asks is \
                 not one of the token's audiences",
            ),
            Kind::NotAnAccessToken => {
                rejection.with_hint("let the client send its access token, and no other")
            }
            _ => rejection,
        }
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
