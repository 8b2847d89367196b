//! Entra ID's codes for devices.

use std::time::Duration;

use http::{Method, StatusCode};
use serde_json::json;
use url::Url;

use super::Entra;
use super::application::EntraApplication;
use super::credential::{self, Proof};
use super::issued::login;
use super::place::Place;
use super::refusal::Refusal;
use super::scope::Wish;
use crate::answer::{self, Answer};
use crate::issuer::device::Unready;
use crate::page;
use crate::record::Received;

impl Entra {
    pub(super) fn device_authorization(
        &mut self,
        place: &Place,
        request: &Received,
    ) -> Result<Answer, Refusal> {
        let client = credential::named(place, request.field("client_id").as_deref())?;
        let scope = request.field("scope").unwrap_or_default();
        if scope.is_empty() {
            return Err(Refusal::missing("scope"));
        }
        let Some(tenant) = place.tenants().first() else {
            return Err(Refusal::missing("client_id"));
        };
        Wish::of_person(tenant, &scope)?;
        let policy = &tenant.policy;
        // Entra ID tells how often to ask, and answers whoever asks more often.
        let patient = policy.clone().with_device_interval(Duration::ZERO);
        let purpose = login(&client.id, "", &scope);
        let (code, user_code) = self.devices.add(purpose, None, &patient, request.at());
        let page = verification_uri(request);
        Ok(answer::of_tokens(&json!({
            "user_code": user_code,
            "device_code": code,
            "verification_uri": page,
            "expires_in": policy.device_life.as_secs(),
            "interval": policy.device_interval.as_secs(),
            "message": format!(
                "To sign in, use a web browser to open the page {page} and enter the code {user_code} \
                 to authenticate."
            ),
        })))
    }

    pub(super) fn device_code(
        &mut self,
        place: &Place,
        request: &Received,
        client: &EntraApplication,
        proof: Proof,
    ) -> Result<Answer, Refusal> {
        let code = request.field("device_code").unwrap_or_default();
        if code.is_empty() {
            return Err(Refusal::missing("device_code"));
        }
        if !client.public_flows {
            let text = "The request body must contain the following parameter: 'client_assertion' or \
                        'client_secret'.";
            return Err(Refusal::new("invalid_client", 7_000_218, text));
        }
        let now = request.at();
        let ready = self.devices.poll(&code, &client.id, now).map_err(unready)?;
        let login = self.devices.take(ready);
        let blocks = place.user(&login.subject);
        if blocks.is_some_and(|(tenant, _)| tenant.blocks_device_codes) {
            let text = "Access has been blocked by Conditional Access policies. The access policy does \
                        not allow token issuance.";
            return Err(Refusal::new("invalid_grant", 53_003, text).with_suberror("message_only"));
        }
        self.meet_all(place, &login);
        let mut body = self.in_name_of(place, request, client, proof, &login, None)?;
        if login.has_scope("offline_access") {
            body["refresh_token"] = self.first_refresh_token(place, login, now).into();
        }
        Ok(answer::of_tokens(&body))
    }

    /// The page where a person enters the code: fields `user_code`, `username` and `password`, or `cancel`.
    pub(super) fn device_page(&mut self, request: &Received) -> Answer {
        let field = |name| request.field(name).unwrap_or_default();
        if request.method() != Method::POST {
            let fields = [("user_code", ""), ("username", ""), ("password", "")];
            return page::form(PAGE, "Enter code to allow access", &fields);
        }
        let code = field("user_code");
        let known = match request.field("cancel") {
            Some(_) => self.deny_device(&code),
            None => {
                self.knows(&field("username"), &field("password"))
                    && self.allow_device(&code, &field("username"), request.at())
            }
        };
        match known {
            true => page::text(
                StatusCode::OK,
                "You have signed in. You may now close this window.",
            ),
            false => page::text(StatusCode::BAD_REQUEST, "That code or account didn't work."),
        }
    }

    fn knows(&self, user: &str, password: &str) -> bool {
        let all = Place::of_all(&self.tenants);
        let user = all.user(user);
        user.is_some_and(|(_, user)| user.knows(password) && !user.is_disabled())
    }

    /// A person who allowed a device was at the login page for its API.
    fn meet_all(&mut self, place: &Place, login: &crate::token::Purpose) {
        let Some((tenant, user)) = place.user(&login.subject) else {
            return;
        };
        let Ok(wish) = Wish::of_person(tenant, &login.scopes.join(" ")) else {
            return;
        };
        let session = login.session.clone().unwrap_or_default();
        self.demands.meet(&session, tenant, &wish.api, None);
        self.consents
            .insert((login.client.clone(), user.id.clone(), wish.api.id));
    }
}

fn unready(why: Unready) -> Refusal {
    let no = Refusal::new;
    match why {
        Unready::Undecided | Unready::TooSoon => no(
            "authorization_pending",
            70_016,
            "OAuth 2.0 device flow error. Authorization is pending. Continue polling.",
        ),
        Unready::Denied => no(
            "authorization_declined",
            65_004,
            "User declined to consent to access the app.",
        ),
        Unready::Expired { .. } => no(
            "expired_token",
            70_020,
            "The provided value for the input parameter 'device_code' is not valid. This code has \
             expired.",
        ),
        Unready::Unknown | Unready::Foreign => no(
            "bad_verification_code",
            70_018,
            "The provided value for the input parameter 'device_code' is not valid.",
        ),
    }
}

/// Where people enter codes: Microsoft's own page, or on a socket that of this server.
fn verification_uri(request: &Received) -> String {
    let is_here = match request.url().host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(_) => true,
        None => false,
    };
    let origin = match is_here {
        true => request.origin(),
        false => "https://microsoft.com".to_owned(),
    };
    Url::parse(&(origin + PAGE)).map_or_else(|_| PAGE.to_owned(), Into::into)
}

pub(super) const PAGE: &str = "/devicelogin";
