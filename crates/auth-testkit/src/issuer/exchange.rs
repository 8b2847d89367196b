//! Token exchange (RFC 8693).

use http::StatusCode;
use serde_json::{Value, json};

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::audience::{Audience, names};
use crate::client::Client;
use crate::dialect::Dialect;
use crate::record::Received;
use crate::token::{Purpose, seconds};

impl Issuer {
    /// Trades a token that was given here for one of the asking client, for the same user.
    pub(super) fn token_exchange(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        if self.dialect == Dialect::Keycloak {
            may_exchange(request, &client)?;
        }
        let kind = request.field("subject_token_type").unwrap_or_default();
        if kind != ACCESS_TOKEN {
            return Err(Refusal::new(
                "invalid_request",
                "The subject must be an access token.",
            ));
        }
        let subject = request.field("subject_token").unwrap_or_default();
        let claims = self.tokens.claims(&subject, request.at()).cloned();
        let claims = claims.ok_or_else(|| {
            Refusal::new("invalid_token", "The subject is not valid.").keycloak_as(
                StatusCode::BAD_REQUEST,
                "invalid_request",
                "Invalid token",
            )
        })?;
        let mut purpose = self.purpose(request, &client, self.person(&claims))?;
        purpose.actor = self.actor(request)?;
        purpose.session = claims["sid"].as_str().map(str::to_owned);
        if self.dialect == Dialect::Keycloak {
            purpose.audience = self.exchanged_audience(request, &client, &claims)?;
        }
        self.exchanged(request, purpose)
    }

    /// Who acts for the subject, if the request says so.
    fn actor(&self, request: &Received) -> Result<Option<String>, Refusal> {
        let Some(token) = request.field("actor_token") else {
            return Ok(None);
        };
        if request.field("actor_token_type").as_deref() != Some(ACCESS_TOKEN) {
            let why = "The actor must be an access token.";
            return Err(Refusal::new("invalid_request", why));
        }
        let claims = self.tokens.claims(&token, request.at());
        let claims =
            claims.ok_or_else(|| Refusal::new("invalid_token", "The actor is not valid."))?;
        Ok(claims["sub"].as_str().map(str::to_owned))
    }

    /// A token of the type that was asked for.
    fn exchanged(&mut self, request: &Received, purpose: Purpose) -> Result<Answer, Refusal> {
        let wanted = request.field("requested_token_type");
        match (wanted.as_deref(), self.dialect) {
            (None | Some(ACCESS_TOKEN), _) => {
                let mut body = self.tokens_for(request, purpose, None, None);
                body["issued_token_type"] = ACCESS_TOKEN.into();
                Ok(answer::of_tokens(&body))
            }
            (Some(REFRESH_TOKEN), Dialect::Standard) => {
                let (mut body, _) = self.start(request, purpose, None)?;
                body["issued_token_type"] = REFRESH_TOKEN.into();
                Ok(answer::of_tokens(&body))
            }
            (Some(ID_TOKEN), _) => Ok(answer::of_tokens(&self.id_alone(request, &purpose))),
            (Some(other), _) => {
                let no = Refusal::new("invalid_request", "This type of token is not given.");
                Err(no.keycloak(match other {
                    REFRESH_TOKEN => {
                        "Refresh token not valid as requested_token_type because creating a new \
                         session is needed"
                    }
                    _ => "requested_token_type unsupported",
                }))
            }
        }
    }

    /// For whom Keycloak makes the new token: an API that the client's own tokens may name.
    fn exchanged_audience(
        &self,
        request: &Received,
        client: &Client,
        claims: &Value,
    ) -> Result<Audience, Refusal> {
        let is_for = names(&claims["aud"], &client.id) || claims["azp"] == client.id.as_str();
        if !is_for {
            let why = "Client is not within the token audience";
            return Err(Refusal::new("access_denied", why).keycloak_as(
                StatusCode::FORBIDDEN,
                "access_denied",
                why,
            ));
        }
        let wanted = request.fields("audience");
        if wanted.iter().any(|name| !self.clients.contains_key(name)) {
            return Err(
                Refusal::new("invalid_client", "Audience not found").keycloak_as(
                    StatusCode::BAD_REQUEST,
                    "invalid_client",
                    "Audience not found",
                ),
            );
        }
        let is_available = |name: &&String| **name == client.id || client.audiences.contains(name);
        let missing = wanted.iter().filter(|name| !is_available(name));
        let missing: Vec<&str> = missing.map(String::as_str).collect();
        if !missing.is_empty() {
            let why = format!("Requested audience not available: {}", missing.join(", "));
            return Err(Refusal::new("invalid_request", why));
        }
        Ok(self.audience(wanted, client))
    }

    /// An ID token in the place of the access token, which is then no bearer token.
    fn id_alone(&self, request: &Received, purpose: &Purpose) -> Value {
        let claims = json!({
            "iss": self.name(request), "sub": self.subject(purpose), "aud": purpose.audience.claim(),
            "iat": seconds(request.at()),
            "exp": seconds(request.at() + self.policy.token_life),
        });
        json!({
            "access_token": self.keys.sign("JWT", &claims),
            "issued_token_type": ID_TOKEN,
            "token_type": "N_A",
            "expires_in": self.policy.token_life.as_secs(),
        })
    }
}

/// Keycloak's standard token exchange is for clients with a secret that are set up for it.
fn may_exchange(request: &Received, client: &Client) -> Result<(), Refusal> {
    let no = |why: &'static str| Err(Refusal::new("invalid_request", why));
    let absent = |name| request.field(name).is_none_or(|value| value.is_empty());
    if !absent("subject_issuer") {
        return no("Parameter 'subject_issuer' is not supported for standard token exchange");
    }
    if client.is_public() || !client.exchanges {
        return no("Standard token exchange is not enabled for the requested client");
    }
    if absent("subject_token") {
        return no("Parameter 'subject_token' required for standard token exchange");
    }
    Ok(())
}

pub(crate) const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
pub(crate) const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
