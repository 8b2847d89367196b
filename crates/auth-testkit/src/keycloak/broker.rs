//! Legacy token exchange: tokens of another realm for some of this one.

use std::collections::BTreeMap;

use http::StatusCode;
use serde_json::Value;

use super::Place;
use crate::answer::{self, Answer, Refusal};
use crate::issuer::exchange::{ACCESS_TOKEN, REFRESH_TOKEN};
use crate::random;
use crate::record::Received;
use crate::token::seconds;
use crate::user::User;

impl Place {
    /// The answer to an exchange of a token of another realm, if `request` is one and this realm trusts
    /// any.
    pub(super) fn brokered(
        &mut self,
        endpoint: &str,
        request: &Received,
        others: &BTreeMap<String, Self>,
    ) -> Option<Result<Answer, Refusal>> {
        let grant = request
            .field("grant_type")
            .filter(|_| endpoint == "token")?;
        let issuer = request.field("subject_issuer")?;
        let is_exchange = grant == "urn:ietf:params:oauth:grant-type:token-exchange";
        (is_exchange && !self.brokers.is_empty() && !issuer.is_empty())
            .then(|| self.exchange(request, &issuer, others))
    }

    fn exchange(
        &mut self,
        request: &Received,
        alias: &str,
        others: &BTreeMap<String, Self>,
    ) -> Result<Answer, Refusal> {
        let client = self.issuer.client(request)?;
        let mut brokers = self.brokers.iter();
        let other = brokers.find_map(|(name, realm)| {
            let other = others.get(realm)?;
            (name == alias || other.issuer.name(request) == alias).then_some(other)
        });
        let other = other
            .ok_or_else(|| Refusal::new("invalid_issuer", "Invalid subject_issuer parameter"))?;
        if !client.exchanges {
            return Err(forbidden());
        }
        let mut audiences = request.fields("audience");
        audiences.retain(|name| *name != client.id);
        if !audiences
            .iter()
            .all(|name| self.issuer.clients.contains_key(name))
        {
            let (error, why) = ("invalid_client", "Audience not found");
            let no = Refusal::new(error, why);
            return Err(no.keycloak_as(StatusCode::BAD_REQUEST, error, why));
        }
        let subject = request.field("subject_token").unwrap_or_default();
        let claims = other.vouch(&subject, request);
        let claims = claims.ok_or_else(|| Refusal::new("invalid_token", "invalid token"))?;
        let user = self.linked(other.issuer.person(&claims), &claims);
        let mut purpose = self.issuer.purpose(request, &client, user)?;
        purpose.audience = self.issuer.audience(audiences, &client);
        let wanted = request.field("requested_token_type");
        let (mut body, kind) = match wanted.as_deref() {
            None | Some(REFRESH_TOKEN) => {
                (self.issuer.start(request, purpose, None)?.0, REFRESH_TOKEN)
            }
            Some(ACCESS_TOKEN) => {
                let body = self.issuer.tokens_for(request, purpose, None, None);
                (body, ACCESS_TOKEN)
            }
            Some(_) => {
                let why = "requested_token_type unsupported";
                return Err(Refusal::new("invalid_request", why));
            }
        };
        body["issued_token_type"] = kind.into();
        Ok(answer::of_tokens(&body))
    }

    /// What `token` says, if this realm gave it to a person with the scope `openid` and still stands by it.
    fn vouch(&self, token: &str, request: &Received) -> Option<Value> {
        let issuer = &self.issuer;
        let claims = issuer.keys.claims(token)?;
        let alive = claims["exp"].as_u64()? > seconds(request.at());
        let session = claims["sid"].as_str()?;
        let open = match claims["typ"].as_str()? {
            "ID" => true,
            _ => {
                let scope = claims["scope"].as_str().unwrap_or_default();
                scope.split(' ').any(|one| one == "openid")
                    && issuer.tokens.claims(token, request.at()).is_some()
            }
        };
        (alive && open && issuer.logins.has_session(session)).then_some(claims)
    }

    /// The account here of somebody who has one there, which is made when they come first.
    fn linked(&mut self, name: String, claims: &Value) -> String {
        let user = self.issuer.users.entry(name.clone());
        user.or_insert_with(|| {
            let user = User::new(&name, random::hex(16));
            match claims["email"].as_str() {
                Some(email) => user.with_email(email),
                None => user,
            }
        });
        name
    }
}

fn forbidden() -> Refusal {
    let (error, why) = ("access_denied", "Client not allowed to exchange");
    Refusal::new(error, why).keycloak_as(StatusCode::FORBIDDEN, error, why)
}
