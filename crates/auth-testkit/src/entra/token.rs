//! Entra ID's token endpoint: which grant, whose tokens.

use super::credential::{self, Proof};
use super::grant::Grant;
use super::issued::refresh_token;
use super::place::Place;
use super::refusal::Refusal;
use super::scope::Wish;
use super::{Elsewhere, Entra, demand};
use crate::answer::{self, Answer};
use crate::record::Received;
use crate::refresh::{Closed, End};
use crate::token::Purpose;

use super::application::EntraApplication;

impl Entra {
    pub(super) fn token(
        &mut self,
        place: &Place,
        request: &Received,
        elsewhere: Elsewhere<'_>,
    ) -> Result<Answer, Refusal> {
        let kind = request.field("grant_type").unwrap_or_default();
        if kind.is_empty() {
            return Err(Refusal::missing("grant_type"));
        }
        let (client, proof) = credential::authenticate(place, request, elsewhere)?;
        match kind.as_str() {
            "client_credentials" => self.client_credentials(place, request, &client, proof),
            "authorization_code" => self.authorization_code(place, request, &client, proof),
            "refresh_token" => self.refresh(place, request, &client, proof),
            DEVICE_CODE => self.device_code(place, request, &client, proof),
            JWT_BEARER => self.on_behalf_of(place, request, &client, proof),
            other => {
                let text = format!("The app requested an unsupported grant type '{other}'.");
                Err(Refusal::new("unsupported_grant_type", 70_003, text))
            }
        }
    }

    fn client_credentials(
        &mut self,
        place: &Place,
        request: &Received,
        client: &EntraApplication,
        proof: Proof,
    ) -> Result<Answer, Refusal> {
        if proof == Proof::Nothing {
            let text = "'client_assertion', 'client_secret' or 'request' is required for the \
                        'client_credentials' grant type.";
            return Err(Refusal::new("invalid_client", 7_000_216, text));
        }
        let tenant = place.home(&client.id);
        let tenant = tenant.ok_or_else(|| Refusal::missing("client_id"))?;
        let scope = request.field("scope").unwrap_or_default();
        let wish = Wish::of_application(tenant, client, &scope)?;
        let grant = Grant {
            tenant,
            client,
            proof,
            person: None,
            asked: demand::asked(request.field("claims"))?,
        };
        let body = self.issue(request, &grant, &wish, None, None);
        Ok(answer::of_tokens(&body))
    }

    fn refresh(
        &mut self,
        place: &Place,
        request: &Received,
        client: &EntraApplication,
        proof: Proof,
    ) -> Result<Answer, Refusal> {
        let token = request.field("refresh_token").unwrap_or_default();
        if token.is_empty() {
            return Err(Refusal::missing("refresh_token"));
        }
        let known = self.logins.purpose(&token);
        let tenant = known.and_then(|login| place.user(&login.subject));
        let Some((tenant, _)) = tenant else {
            return Err(closed(Closed::Unknown));
        };
        let policy = tenant.policy.clone();
        let login = self
            .logins
            .open(&token, &client.id, &policy, request.at())
            .map_err(closed)?;
        let body = self.in_name_of(place, request, client, proof, &login, None)?;
        let next = self
            .logins
            .rotate(&token, refresh_token(), &policy, request.at());
        let mut body = body;
        if let Some(next) = next {
            body["refresh_token"] = next.into();
        }
        Ok(answer::of_tokens(&body))
    }

    /// What a program gets in the name of the person who logged in, without a refresh token: for the scope
    /// of the request, or else for that of the login.
    pub(super) fn in_name_of(
        &mut self,
        place: &Place,
        request: &Received,
        client: &EntraApplication,
        proof: Proof,
        login: &Purpose,
        nonce: Option<&str>,
    ) -> Result<serde_json::Value, Refusal> {
        let (tenant, user) = place
            .user(&login.subject)
            .ok_or_else(|| closed(Closed::Unknown))?;
        if user.is_disabled() {
            let text = "The user account is disabled.";
            return Err(Refusal::new("invalid_grant", 50_057, text));
        }
        let scope = request.field("scope").filter(|scope| !scope.is_empty());
        let scope = scope.unwrap_or_else(|| login.scopes.join(" "));
        let wish = Wish::of_person(tenant, &scope)?;
        self.check_consent(client, &user.id, &wish.api)?;
        self.demands.check(login.session.as_deref(), &wish.api)?;
        let grant = Grant {
            tenant,
            client,
            proof,
            person: Some((user, login.session.clone().unwrap_or_default())),
            asked: demand::asked(request.field("claims"))?,
        };
        Ok(self.issue(request, &grant, &wish, None, nonce))
    }

    /// Whether a person has allowed a program to use an API in their name.
    pub(super) fn check_consent(
        &self,
        client: &EntraApplication,
        user: &str,
        api: &EntraApplication,
    ) -> Result<(), Refusal> {
        let consent = (client.id.clone(), user.to_owned(), api.id.clone());
        if !client.needs_consent || self.consents.contains(&consent) {
            return Ok(());
        }
        let text = format!(
            "The user or administrator has not consented to use the application with ID '{}'. Send an \
             interactive authorization request for this user and resource.",
            client.id
        );
        Err(Refusal::new("invalid_grant", 65_001, text).with_suberror("consent_required"))
    }
}

/// Why a refresh token opens nothing, in Entra's words.
fn closed(why: Closed) -> Refusal {
    let no = |code, text: &str| Refusal::new("invalid_grant", code, text);
    match why {
        Closed::Unknown => no(
            9_002_313,
            "Invalid request. Request is malformed or invalid.",
        ),
        Closed::Foreign => no(
            700_007,
            "The refresh token was issued to another client application.",
        )
        .with_suberror("client_mismatch"),
        Closed::Expired { .. } => no(700_082, "The refresh token has expired due to inactivity.")
            .with_suberror("token_expired"),
        Closed::Spent
        | Closed::Ended {
            end: End::Stolen, ..
        } => no(
            54_005,
            "The refresh token was already redeemed, please retry with a new valid one.",
        ),
        Closed::Ended { end: End::Left, .. } => no(
            50_173,
            "The provided grant has expired due to it being revoked, a fresh auth token is needed.",
        )
        .with_suberror("bad_token"),
    }
}

pub(super) const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
