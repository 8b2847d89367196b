//! The generic issuer: what RFCs define, and no vendor's habits.

mod code;
mod device;
mod exchange;
mod issued;
mod logout;
mod lookup;
mod userinfo;

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, StatusCode};

use self::code::Codes;
use self::device::Devices;
use crate::answer::{self, Answer, Refusal};
use crate::assertion::{self, Assertions};
use crate::client::Client;
use crate::credential;
use crate::discovery;
use crate::keys::Keys;
use crate::policy::Policy;
use crate::record::Received;
use crate::refresh::Logins;
use crate::resource::Resource;
use crate::server::Shape;
use crate::token::{Purpose, Tokens};
use crate::visitor::Visitor;

/// An issuer below one path.
pub(crate) struct Issuer {
    /// Empty, or with a leading and without a trailing slash.
    pub(crate) path: String,
    pub(crate) clients: BTreeMap<String, Client>,
    pub(crate) keys: Keys,
    pub(crate) logins: Logins,
    pub(crate) policy: Policy,
    pub(crate) resource: Resource,
    pub(crate) tokens: Tokens,
    pub(crate) devices: Devices,
    pub(crate) visitor: Visitor,
    codes: Codes,
    assertions: Assertions,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self {
            path: String::new(),
            clients: BTreeMap::new(),
            keys: Keys::new(),
            logins: Logins::default(),
            policy: Policy::new(),
            resource: Resource::new(),
            tokens: Tokens::default(),
            devices: Devices::default(),
            visitor: Visitor::is_asked(),
            codes: Codes::default(),
            assertions: Assertions::default(),
        }
    }

    fn name(&self, request: &Received) -> String {
        request.origin() + &self.path
    }

    fn metadata(&self, request: &Received) -> Answer {
        answer::of_json(StatusCode::OK, &discovery::metadata(&self.name(request)))
    }

    fn token(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let malformed = |why| Err(Refusal::new("invalid_request", why));
        match request.field("grant_type").as_deref() {
            Some("authorization_code") => self.authorization_code(request),
            Some("client_credentials") => self.client_credentials(request),
            Some("refresh_token") => self.refresh(request),
            Some(DEVICE_CODE) => self.device_code(request),
            Some(JWT_BEARER) => self.jwt_bearer(request),
            Some(TOKEN_EXCHANGE) => self.token_exchange(request),
            None | Some("") => malformed("There is no grant_type."),
            Some(_) => Err(Refusal::new(
                "unsupported_grant_type",
                "This server does not know the grant.",
            )),
        }
    }

    /// What programs post, and how each is answered.
    fn posted(&mut self, path: &str, request: &Received) -> Option<Result<Answer, Refusal>> {
        let answer = match path {
            "/token" => Self::token,
            "/device_authorization" => Self::device_authorization,
            "/revoke" => Self::revocation,
            "/introspect" => Self::introspection,
            _ => return None,
        };
        let malformed = |why| Some(Err(Refusal::new("invalid_request", why)));
        if request.method() != Method::POST || !request.is_form() {
            return malformed("The request is not a posted form.");
        }
        if repeats_itself(&request.form()) {
            return malformed("A field is given twice.");
        }
        Some(answer(self, request))
    }

    fn client(&mut self, request: &Received) -> Result<Client, Refusal> {
        let audiences = self.audiences(request);
        credential::authenticate(&self.clients, &mut self.assertions, request, &audiences).cloned()
    }

    /// What an assertion may call this server.
    fn audiences(&self, request: &Received) -> [String; 3] {
        let name = self.name(request);
        [format!("{name}/token"), name, request.endpoint()]
    }

    fn client_credentials(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        if client.is_public() {
            return Err(Refusal::new(
                "unauthorized_client",
                "A public client can't ask for itself.",
            ));
        }
        let purpose = Purpose {
            client: client.id.clone(),
            subject: client.id.clone(),
            scopes: asked(request, client.scopes.as_deref())?,
            audience: audience(request, &client),
            session: None,
        };
        Ok(self.answer(request, purpose, None))
    }

    /// RFC 7523 §2.1. The signature says who asks, so that the client need not prove it again.
    fn jwt_bearer(&mut self, request: &Received) -> Result<Answer, Refusal> {
        if credential::is_presented(request) {
            self.client(request)?;
        }
        let no = |why| Refusal::new("invalid_grant", why);
        let text = request.field("assertion").unwrap_or_default();
        let issuer = assertion::issuer(&text).ok_or_else(|| no("The assertion names nobody."))?;
        let audiences = self.audiences(request);
        let client = self.clients.get(&issuer);
        let client = client.ok_or_else(|| no("The issuer of the assertion is not known."))?;
        let claims = self
            .assertions
            .redeem(client, &text, &audiences, request.at())
            .map_err(no)?;
        let purpose = Purpose {
            client: client.id.clone(),
            subject: claims["sub"].as_str().unwrap_or(&issuer).to_owned(),
            scopes: asked(request, client.scopes.as_deref())?,
            audience: audience(request, client),
            session: None,
        };
        Ok(self.answer(request, purpose, None))
    }

    fn refresh(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let token = request.field("refresh_token").unwrap_or_default();
        let now = request.at();
        let mut purpose = self.logins.open(&token, &client.id, &self.policy, now)?;
        purpose.scopes = asked(request, Some(&purpose.scopes))?;
        let next = self.logins.rotate(&token, &self.policy, now);
        Ok(self.answer(request, purpose, next))
    }
}

impl Shape for Issuer {
    fn answer(&mut self, request: &Received) -> Option<Answer> {
        let path = request.path();
        if path.strip_prefix("/.well-known/oauth-authorization-server") == Some(&*self.path) {
            return Some(self.metadata(request));
        }
        let path = path.strip_prefix(&self.path)?;
        if let Some(answer) = self.posted(path, request) {
            return Some(answer.unwrap_or_else(Answer::from));
        }
        match path {
            "/.well-known/openid-configuration" => Some(self.metadata(request)),
            "/jwks" => Some(answer::of_json(StatusCode::OK, &self.keys.set())),
            "/authorize" => Some(self.authorize(request)),
            "/userinfo" => Some(self.userinfo(request)),
            "/logout" => Some(self.logout(request)),
            "/device" => Some(self.device_page(request)),
            "/api" => Some(self.resource.answer(&self.keys, &self.tokens, request)),
            deeper if deeper.starts_with("/api/") => {
                Some(self.resource.answer(&self.keys, &self.tokens, request))
            }
            _ => None,
        }
    }
}

/// The scopes that a request asks for, or all that are allowed if it asks for none.
fn asked(request: &Received, known: Option<&[String]>) -> Result<Vec<String>, Refusal> {
    let scope = request.field("scope").unwrap_or_default();
    allowed(&scope, known)
        .ok_or_else(|| Refusal::new("invalid_scope", "The client may not ask for this scope."))
}

/// The scopes of `text`, or all `known` ones if it names none. `None` if one of them is not known.
fn allowed(text: &str, known: Option<&[String]>) -> Option<Vec<String>> {
    let scopes: Vec<_> = text.split_whitespace().map(str::to_owned).collect();
    match known {
        Some(known) if scopes.is_empty() => Some(known.to_vec()),
        Some(known) if !scopes.iter().all(|scope| known.contains(scope)) => None,
        _ => Some(scopes),
    }
}

/// For whom the token is to be (RFC 8707, or the older habit).
fn audience(request: &Received, client: &Client) -> String {
    let mut named = ["resource", "audience"].into_iter();
    named
        .find_map(|name| request.field(name))
        .or_else(|| client.audience.clone())
        .unwrap_or_else(|| Resource::AUDIENCE.to_owned())
}

/// Whether a field comes twice. Only `resource` and `audience` may (RFC 8707 §2, RFC 8693 §2.1).
fn repeats_itself(form: &[(String, String)]) -> bool {
    let names = form.iter().map(|(name, _)| name.as_str());
    let mut seen = BTreeSet::new();
    names
        .filter(|name| !matches!(*name, "audience" | "resource"))
        .any(|name| !seen.insert(name))
}

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
