//! What becomes of a token afterwards: revocation (RFC 7009) and introspection (RFC 7662).

use http::StatusCode;
use serde_json::{Value, json};

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::audience::names;
use crate::client::Client;
use crate::dialect::Dialect;
use crate::record::Received;
use crate::refresh::End;

impl Issuer {
    /// A token that is not known is worthless already, which is what was asked for. Keycloak says so in
    /// the body.
    pub(super) fn revocation(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let token = request.field("token").unwrap_or_default();
        if token.is_empty() && self.dialect == Dialect::Standard {
            return Err(Refusal::new("invalid_request", "There is no token."));
        }
        if request.field("token").is_none() {
            return Err(Refusal::new("invalid_request", "Token not provided"));
        }
        let of_login = self.logins.purpose(&token);
        let owner = of_login
            .map(|purpose| purpose.client.clone())
            .or_else(|| self.tokens.client(&token));
        if owner.is_some_and(|owner| owner != client.id) {
            let no = Refusal::new("invalid_request", "The token belongs to another client.");
            return Err(no.keycloak("Unmatching clients"));
        }
        let lived = self.tokens.revoke(&token) || self.logins.is_open(&token);
        self.logins.end(&token, End::Left);
        if self.dialect == Dialect::Keycloak {
            self.logins.end_beside(&token, |other| other == client.id);
        }
        if self.dialect == Dialect::Keycloak && !lived {
            let body = json!({
                "error": "invalid_token", "error_description": "Invalid token",
            });
            return Ok(answer::of_tokens(&body));
        }
        Ok(answer::of_status(StatusCode::OK))
    }

    /// Says whether a token works, to clients that can prove who they are.
    pub(super) fn introspection(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request).map_err(|no| {
            no.keycloak_as(
                StatusCode::UNAUTHORIZED,
                "invalid_client",
                "Client authentication failed.",
            )
        })?;
        if client.is_public() {
            let why = "A public client may not look tokens up.";
            return Err(Refusal::new("invalid_client", why).keycloak_as(
                StatusCode::FORBIDDEN,
                "invalid_request",
                "Client not allowed.",
            ));
        }
        let token = request.field("token").unwrap_or_default();
        let claims = self.tokens.claims(&token, request.at());
        let claims = claims.filter(|claims| self.shows(claims, &client)).cloned();
        let body = match (claims, self.dialect) {
            (Some(mut claims), _) => {
                claims["active"] = true.into();
                claims["token_type"] = "Bearer".into();
                if self.dialect == Dialect::Keycloak {
                    claims["client_id"] = claims["azp"].clone();
                    claims["username"] = claims["preferred_username"].clone();
                }
                claims
            }
            (None, Dialect::Standard) => {
                json!({ "active": self.logins.is_live(&token, request.at()) })
            }
            (None, Dialect::Keycloak) => json!({ "active": false }),
        };
        Ok(answer::of_tokens(&body))
    }

    /// Whether `client` may know. Keycloak tells only those for whom the token is, while its login lasts.
    fn shows(&self, claims: &Value, client: &Client) -> bool {
        let ended = |session| !self.logins.has_session(session);
        self.dialect == Dialect::Standard
            || (names(&claims["aud"], &client.id) && !claims["sid"].as_str().is_some_and(ended))
    }
}
