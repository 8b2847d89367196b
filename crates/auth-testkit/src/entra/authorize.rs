//! Entra ID's login page.

use http::{Method, StatusCode};
use url::Url;

use super::application::EntraApplication;
use super::code::Code;
use super::issued::{client_info, login};
use super::place::Place;
use super::refusal::Refusal;
use super::scope::Wish;
use super::tenant::EntraTenant;
use super::{Entra, credential, demand};
use crate::answer::Answer;
use crate::issuer::code::Way;
use crate::record::Received;
use crate::user::User;
use crate::visitor::Manner;
use crate::{page, pkce, random};

impl Entra {
    pub(super) fn authorize(&mut self, place: &Place, request: &Received) -> Answer {
        let (client, url) = match asking(place, request) {
            Ok(asking) => asking,
            Err(no) => return shown(&no, request),
        };
        let way = Way::new(request, url);
        let answer = self.visited(place, request, &client, &way);
        answer.unwrap_or_else(|no| {
            let [error, description, uri] = no.fields(request);
            let state = ("state", way.state.clone().unwrap_or_default());
            way.back(&[error, description, uri, state])
        })
    }

    /// What the browser gets that comes in good order: a page, or a code to bring back.
    fn visited(
        &mut self,
        place: &Place,
        request: &Received,
        client: &EntraApplication,
        way: &Way,
    ) -> Result<Answer, Refusal> {
        let challenge = challenge(request, client)?;
        let asked = demand::asked(request.query("claims"))?;
        let scope = request.query("scope").unwrap_or_default();
        if let Some(tenant) = place.tenants().first() {
            Wish::of_person(tenant, &scope)?;
        }
        let prompt = request.query("prompt").unwrap_or_default();
        let (tenant, user) = match somebody(place, request, &prompt)? {
            Ok(somebody) => somebody,
            Err(page) => return Ok(page),
        };
        let wish = Wish::of_person(tenant, &scope)?;
        let session = random::uuid();
        if prompt == "none" {
            let consent = self.check_consent(client, &user.id, &wish.api);
            let met = self.demands.check(None, &wish.api);
            consent.and(met).map_err(Refusal::as_interaction)?;
        } else {
            let consent = (client.id.clone(), user.id.clone(), wish.api.id.clone());
            self.consents.insert(consent);
            self.demands
                .meet(&session, tenant, &wish.api, asked.as_ref());
        }
        let text = format!("1.{}", random::hex(32));
        let mut login = login(&client.id, &user.id, &scope);
        login.session = Some(session.clone());
        login.since = Some(request.at());
        let code = Code {
            login,
            redirect_uri: request.query("redirect_uri").unwrap_or_default(),
            challenge,
            nonce: request.query("nonce"),
            given_at: request.at(),
            redeemed: None,
        };
        self.codes.add(text.clone(), code);
        let mut fields = vec![("code", text)];
        if request.query("client_info").as_deref() == Some("1") {
            fields.push(("client_info", client_info(user, tenant)));
        }
        fields.extend(way.state.clone().map(|state| ("state", state)));
        fields.push(("session_state", session));
        Ok(way.back(&fields))
    }
}

/// Who comes, or the page that asks them; `Err` is what their program learns instead.
fn somebody<'a>(
    place: &'a Place,
    request: &Received,
    prompt: &str,
) -> Result<Result<(&'a EntraTenant, &'a User), Answer>, Refusal> {
    let mut tenants = place.tenants().iter();
    let manners = |tenant: &'a EntraTenant| &tenant.visitor.0;
    let visitor = tenants
        .clone()
        .map(manners)
        .find(|manner| !matches!(manner, Manner::IsAsked))
        .or_else(|| tenants.next().map(manners));
    let name = match visitor {
        Some(Manner::LogsIn(name)) => name.clone(),
        Some(Manner::Refuses(error)) => {
            let error = known_error(error);
            return Err(Refusal::new(error, 65_004, "User declined to sign in."));
        }
        _ if prompt == "none" => {
            let text = "Session information is not sufficient for single-sign-on.";
            return Err(Refusal::new("login_required", 50_058, text));
        }
        _ if request.method() != Method::POST => return Ok(Err(form(request, "Sign in"))),
        _ if request.field("cancel").is_some() => {
            let text = "User declined to consent to access the app.";
            return Err(Refusal::new("access_denied", 65_004, text));
        }
        _ => return Ok(checked(place, request)),
    };
    let unknown = || page::text(StatusCode::BAD_REQUEST, UNKNOWN);
    Ok(place.user(&name).ok_or_else(unknown))
}

/// The person who filled the form.
fn checked<'a>(
    place: &'a Place,
    request: &Received,
) -> Result<(&'a EntraTenant, &'a User), Answer> {
    let field = |name| request.field(name).unwrap_or_default();
    let (tenant, user) = place
        .user(&field("username"))
        .ok_or_else(|| form(request, UNKNOWN))?;
    if !user.knows(&field("password")) {
        let text = "AADSTS50126: Your account or password is incorrect.";
        return Err(form(request, text));
    }
    if user.is_disabled() {
        return Err(form(request, "AADSTS50057: Your account has been locked."));
    }
    Ok((tenant, user))
}

/// The form that a person fills.
fn form(request: &Received, title: &str) -> Answer {
    let url = request.url();
    let action = format!("{}?{}", url.path(), url.query().unwrap_or_default());
    let hint = request.query("login_hint").unwrap_or_default();
    page::form(&action, title, &[("username", &hint), ("password", "")])
}

/// The program that sends the browser, and where the browser is to go back to.
fn asking(place: &Place, request: &Received) -> Result<(EntraApplication, Url), Refusal> {
    let client = credential::named(place, request.query("client_id").as_deref())?;
    let text = request.query("redirect_uri").unwrap_or_default();
    let url = Url::parse(&text).ok().filter(|url| {
        let mut known = client
            .redirects
            .iter()
            .filter_map(|one| Url::parse(one).ok());
        known.any(|known| without_port(&known) == without_port(url))
    });
    let url = url.ok_or_else(|| {
        let text = format!(
            "The redirect URI '{text}' specified in the request does not match the redirect URIs \
             configured for the application '{}'.",
            client.id
        );
        Refusal::new("invalid_request", 50_011, text)
    })?;
    Ok((client, url))
}

/// A redirect URI as it is compared: on `localhost` any port will do.
fn without_port(url: &Url) -> Url {
    let mut url = url.clone();
    if url.scheme() == "http" && matches!(url.host_str(), Some("localhost" | "127.0.0.1")) {
        let _ = url.set_port(None);
    }
    url
}

fn challenge(request: &Received, client: &EntraApplication) -> Result<Option<String>, Refusal> {
    let no = |error, code, text: &str| Err(Refusal::new(error, code, text));
    if request.query("response_type").as_deref() != Some("code") {
        let text = "The response type is not supported.";
        return no("unsupported_response_type", 700_051, text);
    }
    match pkce::challenge(|name| request.query(name)) {
        Ok(None) if client.is_public() => no(
            "invalid_request",
            9_002_325,
            "Proof Key for Code Exchange is required for public clients.",
        ),
        Ok(challenge) => Ok(challenge),
        Err(why) => no("invalid_request", 501_491, why),
    }
}

/// What a person sees whose browser can't be sent back.
fn shown(no: &Refusal, request: &Received) -> Answer {
    let [_, (_, description), _] = no.fields(request);
    page::text(StatusCode::BAD_REQUEST, &description)
}

/// The errors of RFC 6749 §4.1.2.1 and OpenID Connect Core §3.1.2.6 that a visitor can be made to cause.
fn known_error(name: &str) -> &'static str {
    let known = [
        "login_required",
        "interaction_required",
        "consent_required",
        "server_error",
        "temporarily_unavailable",
    ];
    let found = known.into_iter().find(|known| *known == name);
    found.unwrap_or("access_denied")
}

const UNKNOWN: &str = "AADSTS50034: This username may be incorrect.";
