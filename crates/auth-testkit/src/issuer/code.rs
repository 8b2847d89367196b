//! The authorization code grant (RFC 6749 §4.1): the login page, and the codes that it gives.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use url::Url;

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::client::Client;
use crate::dialect::Dialect;
use crate::record::Received;
use crate::refresh::End;
use crate::token::Purpose;
use crate::visitor::Manner;
use crate::{page, pkce, random};

/// The codes that were given.
#[derive(Default)]
pub(crate) struct Codes(HashMap<String, Code>);

struct Code {
    ask: Ask,
    purpose: Purpose,
    ends_at: SystemTime,
    /// The refresh token that it was redeemed for.
    login: Option<String>,
}

/// What a program asks for when it sends a person's browser.
#[derive(Clone)]
pub(crate) struct Ask {
    pub(crate) client: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) way: Way,
    pub(crate) redirect_uri: String,
    challenge: Option<String>,
    nonce: Option<String>,
    /// For whom the tokens are to be.
    targets: Vec<String>,
}

/// How a browser is sent back.
#[derive(Clone)]
pub(crate) struct Way {
    url: Url,
    pub(crate) mode: Option<String>,
    pub(crate) state: Option<String>,
}

impl Way {
    pub(crate) fn new(request: &Received, url: Url) -> Self {
        Self {
            url,
            mode: request.query("response_mode"),
            state: request.query("state"),
        }
    }

    /// Sends the browser back with `fields`.
    pub(crate) fn back(&self, fields: &[(&str, String)]) -> Answer {
        let mut url = self.url.clone();
        let pairs = || fields.iter().map(|(name, value)| (*name, value));
        match self.mode.as_deref() {
            Some("form_post") => return page::form_post(url.as_str(), fields),
            Some("fragment") => {
                let mut pieces = url::form_urlencoded::Serializer::new(String::new());
                url.set_fragment(Some(&pieces.extend_pairs(pairs()).finish()));
            }
            _ => {
                url.query_pairs_mut().extend_pairs(pairs());
            }
        }
        answer::redirect(url.as_str())
    }
}

impl Ask {
    pub(crate) fn new(
        request: &Received,
        client: &Client,
        way: Way,
        scopes: Vec<String>,
        challenge: Option<String>,
    ) -> Self {
        Self {
            client: client.id.clone(),
            scopes,
            way,
            redirect_uri: request.query("redirect_uri").unwrap_or_default(),
            challenge,
            nonce: request.query("nonce"),
            targets: Vec::new(),
        }
    }
}

impl Issuer {
    pub(super) fn authorize(&mut self, request: &Received) -> Answer {
        let get = |name| request.query(name).unwrap_or_default();
        let client = self.clients.get(&get("client_id")).cloned();
        let back = client.and_then(|client| Some((client.redirect(&get("redirect_uri"))?, client)));
        let Some((url, client)) = back else {
            let why = "The client is not known, or its redirect URI is not on loopback.";
            return page::text(StatusCode::BAD_REQUEST, why);
        };
        let way = Way::new(request, url);
        let asked = self.asked(request, &client);
        let (scopes, challenge) = match asked {
            Ok(asked) => asked,
            Err(error) => return self.send_back(request, &way, ("error", error.to_owned())),
        };
        let user = match (&self.visitor.0, request.method()) {
            (Manner::LogsIn(user), _) => user.clone(),
            (Manner::Refuses(error), _) => {
                return self.send_back(request, &way, ("error", error.clone()));
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
            return self.send_back(request, &way, ("error", "access_denied".to_owned()));
        }
        let ask = Ask {
            targets: self.login_targets(request),
            ..Ask::new(request, &client, way.clone(), scopes, challenge)
        };
        let code = self.code(ask, user, None, request.at());
        self.send_back(request, &way, ("code", code))
    }

    /// Sends the browser back, with state and issuer (RFC 9207) in every case.
    fn send_back(&self, request: &Received, way: &Way, what: (&str, String)) -> Answer {
        let state = way.state.clone().unwrap_or_default();
        way.back(&[what, ("state", state), ("iss", self.name(request))])
    }

    /// What keeps the page from being shown, as an error of RFC 6749 §4.1.2.1, or scopes and challenge.
    fn asked(
        &self,
        request: &Received,
        client: &Client,
    ) -> Result<(Vec<String>, Option<String>), &'static str> {
        if request.query("response_type").as_deref() != Some("code") {
            return Err("unsupported_response_type");
        }
        let challenge =
            pkce::challenge(|name| request.query(name)).map_err(|_| "invalid_request")?;
        if challenge.is_none() && client.is_public() {
            return Err("invalid_request");
        }
        let scope = request.query("scope").unwrap_or_default();
        let scopes = self.scopes(&scope, client).map_err(|_| "invalid_scope")?;
        Ok((scopes, challenge))
    }

    /// A code for what was asked for, in the name of `user`, who is logged in as `session`.
    pub(crate) fn code(
        &mut self,
        ask: Ask,
        user: String,
        session: Option<(String, SystemTime)>,
        now: SystemTime,
    ) -> String {
        let client = self.clients.get(&ask.client);
        let audience = self.audience(ask.targets.clone(), client);
        let (session, since) = session.unzip();
        let code = match (self.dialect, &session) {
            (Dialect::Keycloak, Some(session)) => {
                format!("{}.{session}.{}", random::hex(16), random::hex(16))
            }
            _ => random::hex(32),
        };
        let purpose = Purpose {
            client: ask.client.clone(),
            subject: user,
            scopes: ask.scopes.clone(),
            audience,
            session,
            since,
            offline: false,
            actor: None,
        };
        let entry = Code {
            ask,
            purpose,
            ends_at: now + CODE_LIFE,
            login: None,
        };
        self.codes.0.insert(code.clone(), entry);
        code
    }

    pub(super) fn authorization_code(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let text = request.field("code").unwrap_or_default();
        if text.is_empty() && self.dialect == Dialect::Keycloak {
            return Err(Refusal::new("invalid_request", "Missing parameter: code"));
        }
        let redeemed = self.redeem(request, &client, &text);
        if redeemed.is_err() && self.dialect == Dialect::Keycloak {
            self.codes.0.remove(&text);
        }
        let (purpose, nonce) = redeemed?;
        self.ensure_may_go_offline(&purpose)?;
        let (body, login) = self.start(request, purpose, nonce.as_deref())?;
        if let Some(code) = self.codes.0.get_mut(&text) {
            code.login = Some(login);
        }
        Ok(answer::of_tokens(&body))
    }

    /// What the code is good for, if it is good for anything.
    fn redeem(
        &mut self,
        request: &Received,
        client: &Client,
        code: &str,
    ) -> Result<(Purpose, Option<String>), Refusal> {
        let no = |why| Refusal::new("invalid_grant", why);
        let invalid = |why| no(why).keycloak("Code not valid");
        let code = self.codes.0.get(code);
        let code = code.ok_or_else(|| invalid("The code is not valid."))?;
        if let Some(login) = &code.login {
            // Somebody else has it (RFC 6749 §4.1.2).
            self.logins.end(login, End::Stolen);
            return Err(invalid("The code was used before, so the login has ended."));
        }
        if code.ends_at <= request.at() {
            return Err(invalid("The code has expired."));
        }
        let session = code.purpose.session.as_deref();
        if session.is_some_and(|session| self.sessions.is_over(session)) {
            return Err(invalid("The session of the code has ended."));
        }
        if request.field("redirect_uri").as_deref() != Some(&*code.ask.redirect_uri) {
            return Err(no("The redirect URI is another one.").keycloak("Incorrect redirect_uri"));
        }
        if code.ask.client != client.id {
            let why = "Auth error: Found different client_id in clientSession";
            return Err(no("The code is another client's.").keycloak(why));
        }
        pkce::prove(request, code.ask.challenge.as_deref())?;
        Ok((code.purpose.clone(), code.ask.nonce.clone()))
    }
}

const CODE_LIFE: Duration = Duration::from_secs(60);
