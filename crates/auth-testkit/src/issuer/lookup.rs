//! What becomes of a token afterwards: revocation (RFC 7009) and introspection (RFC 7662).

use http::StatusCode;
use serde_json::json;

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::record::Received;

impl Issuer {
    /// A token that is not known is worthless already, which is what was asked for.
    pub(super) fn revocation(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let token = request.field("token").unwrap_or_default();
        if token.is_empty() {
            return Err(Refusal::new("invalid_request", "There is no token."));
        }
        let owner = self
            .logins
            .client(&token)
            .map(str::to_owned)
            .or_else(|| self.tokens.client(&token));
        if owner.is_some_and(|owner| owner != client.id) {
            return Err(Refusal::new(
                "invalid_request",
                "The token belongs to another client.",
            ));
        }
        if !self.tokens.revoke(&token) {
            self.logins.end(&token);
        }
        Ok(answer::of_status(StatusCode::OK))
    }

    /// Says whether a token works, to clients that can prove who they are.
    pub(super) fn introspection(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        if client.is_public() {
            return Err(Refusal::new(
                "invalid_client",
                "A public client may not look tokens up.",
            ));
        }
        let token = request.field("token").unwrap_or_default();
        let claims = self.tokens.claims(&token, request.at()).cloned();
        let body = match claims {
            Some(mut claims) => {
                claims["active"] = true.into();
                claims["token_type"] = "Bearer".into();
                claims
            }
            None => json!({ "active": self.logins.is_live(&token, request.at()) }),
        };
        Ok(answer::of_tokens(&body))
    }
}
