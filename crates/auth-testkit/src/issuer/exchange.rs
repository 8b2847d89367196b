//! Token exchange (RFC 8693).

use serde_json::{Value, json};

use super::{Issuer, asked, audience};
use crate::answer::{self, Answer, Refusal};
use crate::record::Received;
use crate::token::{Purpose, seconds};

impl Issuer {
    /// Trades a token that was given here for one of the asking client, for the same user.
    pub(super) fn token_exchange(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let kind = request.field("subject_token_type").unwrap_or_default();
        if kind != ACCESS_TOKEN {
            return Err(Refusal::new(
                "invalid_request",
                "The subject must be an access token.",
            ));
        }
        let subject = request.field("subject_token").unwrap_or_default();
        let claims = self.tokens.claims(&subject, request.at());
        let claims =
            claims.ok_or_else(|| Refusal::new("invalid_token", "The subject is not valid."))?;
        let purpose = Purpose {
            client: client.id.clone(),
            subject: claims["sub"].as_str().unwrap_or_default().to_owned(),
            scopes: asked(request, client.scopes.as_deref())?,
            audience: audience(request, &client),
            session: claims["sid"].as_str().map(str::to_owned),
        };
        match request.field("requested_token_type").as_deref() {
            None | Some(ACCESS_TOKEN) => {
                let mut body = self.tokens_for(request, purpose, None, None);
                body["issued_token_type"] = ACCESS_TOKEN.into();
                Ok(answer::of_tokens(&body))
            }
            Some(REFRESH_TOKEN) => {
                let (mut body, _) = self.started(request, purpose, None);
                body["issued_token_type"] = REFRESH_TOKEN.into();
                Ok(answer::of_tokens(&body))
            }
            Some(ID_TOKEN) => Ok(answer::of_tokens(&self.id_alone(request, &purpose))),
            Some(_) => Err(Refusal::new(
                "invalid_request",
                "This type of token is not given.",
            )),
        }
    }

    /// An ID token in the place of the access token, which is then no bearer token.
    fn id_alone(&self, request: &Received, purpose: &Purpose) -> Value {
        let claims = json!({
            "iss": self.name(request), "sub": purpose.subject, "aud": purpose.audience,
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

const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";
const ID_TOKEN: &str = "urn:ietf:params:oauth:token-type:id_token";
const REFRESH_TOKEN: &str = "urn:ietf:params:oauth:token-type:refresh_token";
