//! The authorization code grant (RFC 6749 §4.1): the login page, and the codes that it gives.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};
use url::{Host, Url};

use super::{Issuer, allowed};
use crate::answer::{self, Answer, Refusal};
use crate::client::Client;
use crate::record::Received;
use crate::resource::Resource;
use crate::token::Purpose;
use crate::visitor::Manner;
use crate::{page, pkce, random};

/// The codes that were given.
#[derive(Default)]
pub(crate) struct Codes(HashMap<String, Code>);

struct Code {
    purpose: Purpose,
    redirect_uri: String,
    challenge: Option<String>,
    nonce: Option<String>,
    ends_at: SystemTime,
    /// The refresh token that it was redeemed for.
    login: Option<String>,
}

impl Issuer {
    pub(super) fn authorize(&mut self, request: &Received) -> Answer {
        let get = |name| request.query(name).unwrap_or_default();
        let client = self.clients.get(&get("client_id")).cloned();
        let (Some(client), Some(back)) = (client, loopback(&get("redirect_uri"))) else {
            let why = "The client is not known, or its redirect URI is not on loopback.";
            return page::text(StatusCode::BAD_REQUEST, why);
        };
        let challenge = match checked(request, &client) {
            Ok(challenge) => challenge,
            Err(error) => return self.send_back(request, back, ("error", error.to_owned())),
        };
        let user = match (&self.visitor.0, request.method()) {
            (Manner::LogsIn(user), _) => user.clone(),
            (Manner::Refuses(error), _) => {
                let error = error.clone();
                return self.send_back(request, back, ("error", error));
            }
            (Manner::IsAsked, &Method::POST) => request.field("username").unwrap_or_default(),
            (Manner::IsAsked, _) => {
                let url = request.url();
                let query = url.query().unwrap_or_default();
                let action = format!("{}?{query}", url.path());
                return page::form(&action, "Log in", &[("username", "")]);
            }
        };
        if user.is_empty() || request.field("cancel").is_some() {
            return self.send_back(request, back, ("error", "access_denied".to_owned()));
        }
        let scopes = allowed(&get("scope"), client.scopes.as_deref()).unwrap_or_default();
        let code = random::hex(32);
        let purpose = Purpose {
            client: client.id,
            subject: user,
            scopes,
            audience: client
                .audience
                .unwrap_or_else(|| Resource::AUDIENCE.to_owned()),
            session: None,
        };
        let entry = Code {
            purpose,
            redirect_uri: get("redirect_uri"),
            challenge,
            nonce: request.query("nonce"),
            ends_at: request.at() + CODE_LIFE,
            login: None,
        };
        self.codes.0.insert(code.clone(), entry);
        self.send_back(request, back, ("code", code))
    }

    /// Sends the browser back, with state and issuer (RFC 9207) in every case.
    fn send_back(&self, request: &Received, back: Url, what: (&str, String)) -> Answer {
        let state = request.query("state").unwrap_or_default();
        let mut back = back;
        let fields = [what, ("state", state), ("iss", self.name(request))];
        if request.query("response_mode").as_deref() == Some("form_post") {
            return page::form_post(back.as_str(), &fields);
        }
        back.query_pairs_mut()
            .extend_pairs(fields.iter().map(|(name, value)| (*name, value)));
        let mut answer = answer::of_status(StatusCode::FOUND);
        if let Ok(value) = HeaderValue::try_from(back.as_str()) {
            answer.headers_mut().insert(LOCATION, value);
        }
        answer
    }

    pub(super) fn authorization_code(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let no = |why| Refusal::new("invalid_grant", why);
        let text = request.field("code").unwrap_or_default();
        let code = self.codes.0.get_mut(&text);
        let code = code.ok_or_else(|| no("The code is not valid."))?;
        if let Some(login) = &code.login {
            // Somebody else has it (RFC 6749 §4.1.2).
            self.logins.end(login);
            return Err(no("The code was used before, so the login has ended."));
        }
        if code.purpose.client != client.id {
            return Err(no("The code is another client's."));
        }
        if code.ends_at <= request.at() {
            return Err(no("The code has expired."));
        }
        if request.field("redirect_uri").as_deref() != Some(&*code.redirect_uri) {
            return Err(no("The redirect URI is another one."));
        }
        pkce::prove(request, code.challenge.as_deref())?;
        let (purpose, nonce) = (code.purpose.clone(), code.nonce.clone());
        let (answer, login) = self.start(request, purpose, nonce.as_deref());
        if let Some(code) = self.codes.0.get_mut(&text) {
            code.login = Some(login);
        }
        Ok(answer)
    }
}

/// What keeps the page from being shown, as an error of RFC 6749 §4.1.2.1, or the challenge.
fn checked(request: &Received, client: &Client) -> Result<Option<String>, &'static str> {
    if request.query("response_type").as_deref() != Some("code") {
        return Err("unsupported_response_type");
    }
    let challenge = pkce::challenge(|name| request.query(name)).map_err(|_| "invalid_request")?;
    if challenge.is_none() && client.is_public() {
        return Err("invalid_request");
    }
    let scope = request.query("scope").unwrap_or_default();
    match allowed(&scope, client.scopes.as_deref()) {
        Some(_) => Ok(challenge),
        None => Err("invalid_scope"),
    }
}

/// A redirect URI of a program on the person's own machine (RFC 8252 §7.3).
pub(super) fn loopback(text: &str) -> Option<Url> {
    let url = Url::parse(text).ok()?;
    let is_loopback = match url.host()? {
        Host::Domain(name) => name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    (is_loopback && url.scheme() == "http").then_some(url)
}

const CODE_LIFE: Duration = Duration::from_secs(60);
