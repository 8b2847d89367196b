//! The generic issuer: what RFCs define, and no vendor's habits.

pub(crate) mod code;
pub(crate) mod device;
pub(crate) mod exchange;
mod issued;
mod logout;
mod lookup;
mod password;
pub(crate) mod scope;
pub(crate) mod session;
mod target;
mod userinfo;

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, StatusCode};

use self::code::Codes;
use self::device::Devices;
use self::session::Sessions;
use crate::answer::{self, Answer, Refusal};
use crate::assertion::{self, Assertions};
use crate::client::Client;
use crate::credential;
use crate::dialect::Dialect;
use crate::discovery;
use crate::keys::Keys;
use crate::policy::Policy;
use crate::record::Received;
use crate::refresh::Logins;
use crate::resource::Resource;
use crate::shape::Shape;
use crate::token::{Purpose, Tokens};
use crate::user::User;
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
    pub(crate) sessions: Sessions,
    pub(crate) visitor: Visitor,
    pub(crate) dialect: Dialect,
    /// The people that a realm knows, by name.
    pub(crate) users: BTreeMap<String, User>,
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
            sessions: Sessions::default(),
            visitor: Visitor::is_asked(),
            dialect: Dialect::Standard,
            users: BTreeMap::new(),
            codes: Codes::default(),
            assertions: Assertions::default(),
        }
    }

    pub(crate) fn name(&self, request: &Received) -> String {
        request.origin() + &self.path
    }

    fn metadata(&self, request: &Received) -> Answer {
        answer::of_json(StatusCode::OK, &discovery::metadata(&self.name(request)))
    }

    fn token(&mut self, request: &Received) -> Result<Answer, Refusal> {
        match request.field("grant_type").as_deref() {
            Some("authorization_code") => self.authorization_code(request),
            Some("client_credentials") => self.client_credentials(request),
            Some("refresh_token") => self.refresh(request),
            Some("password") if self.dialect == Dialect::Keycloak => self.password(request),
            Some(DEVICE_CODE) => self.device_code(request),
            Some(JWT_BEARER) => self.jwt_bearer(request),
            Some(TOKEN_EXCHANGE) => self.token_exchange(request),
            None | Some("") => Err(Refusal::new("invalid_request", "There is no grant_type.")
                .keycloak("Missing form parameter: grant_type")),
            Some(_) => Err(Refusal::new(
                "unsupported_grant_type",
                "This server does not know the grant.",
            )
            .keycloak("Unsupported grant_type")),
        }
    }

    /// What programs post, and how each is answered.
    pub(crate) fn posted(
        &mut self,
        path: &str,
        request: &Received,
    ) -> Option<Result<Answer, Refusal>> {
        let answer = match path {
            "/token" => Self::token,
            "/device_authorization" => Self::device_authorization,
            "/revoke" => Self::revocation,
            "/introspect" => Self::introspection,
            _ => return None,
        };
        let malformed = |why| Refusal::new("invalid_request", why);
        if request.method() != Method::POST || !request.is_form() {
            let no = malformed("The request is not a posted form.");
            return Some(Err(no.keycloak("Missing form parameter: grant_type")));
        }
        if repeats_itself(&request.form()) {
            let no = malformed("A field is given twice.");
            return Some(Err(no.keycloak("duplicated parameter")));
        }
        Some(answer(self, request))
    }

    pub(crate) fn client(&mut self, request: &Received) -> Result<Client, Refusal> {
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
            )
            .keycloak_as(
                StatusCode::UNAUTHORIZED,
                "unauthorized_client",
                "Public client not allowed to retrieve service account",
            ));
        }
        let purpose = self.purpose(request, &client, client.id.clone())?;
        Ok(self.answer(request, purpose, None))
    }

    /// RFC 7523 §2.1. The signature says who asks, so that the client need not prove it again.
    fn jwt_bearer(&mut self, request: &Received) -> Result<Answer, Refusal> {
        if credential::is_presented(request) {
            self.client(request)?;
        }
        let no = |why| Refusal::new("invalid_grant", why);
        let text = request.field("assertion").unwrap_or_default();
        let audiences = self.audiences(request);
        let client = assertion::client(&self.clients, &text).map_err(no)?.clone();
        let claims = self
            .assertions
            .redeem(&client, &text, &audiences, request.at())
            .map_err(no)?;
        let subject = claims["sub"].as_str().unwrap_or(&client.id).to_owned();
        let purpose = self.purpose(request, &client, subject)?;
        Ok(self.answer(request, purpose, None))
    }

    fn refresh(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let token = request.field("refresh_token");
        if token.is_none() && self.dialect == Dialect::Keycloak {
            return Err(Refusal::new("invalid_request", "No refresh token"));
        }
        let token = token.unwrap_or_default();
        let now = request.at();
        let mut purpose = self.logins.open(&token, &client.id, &self.policy, now)?;
        if !self.may_log_in(&purpose.subject) {
            return Err(Refusal::new("invalid_grant", "The person may not log in.")
                .keycloak("User disabled"));
        }
        purpose.scopes = self.refreshed_scopes(request, purpose.scopes, &client)?;
        let granted = purpose.audience;
        purpose.audience = self.narrowed(request, granted)?;
        let next = self.refresh_token(&self.name(request), &purpose, now);
        let next = self.logins.rotate(&token, next, &self.policy, now);
        Ok(self.answer(request, purpose, next))
    }

    /// What a token for `client` about `subject` is for, as the request says it.
    pub(crate) fn purpose(
        &self,
        request: &Received,
        client: &Client,
        subject: String,
    ) -> Result<Purpose, Refusal> {
        let scope = request.field("scope").unwrap_or_default();
        Ok(Purpose {
            client: client.id.clone(),
            subject,
            scopes: self.scopes(&scope, client)?,
            audience: self.audience(self.targets(request), client),
            session: None,
            since: None,
            offline: false,
            actor: None,
        })
    }

    /// Whether nobody has forbidden it to the person.
    pub(crate) fn may_log_in(&self, user: &str) -> bool {
        self.users.get(user).is_none_or(|user| !user.is_disabled())
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
            return Some(answer.unwrap_or_else(|no| no.answer(self.dialect)));
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
