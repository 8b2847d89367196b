//! The generic issuer: what RFCs define, and no vendor's habits.

use std::collections::{BTreeMap, BTreeSet};

use http::{Method, StatusCode};
use serde_json::json;

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
use crate::token::{Purpose, Tokens, seconds};

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
        if request.method() != Method::POST || !request.is_form() {
            return malformed("The request is not a posted form.");
        }
        if repeats_itself(&request.form()) {
            return malformed("A field is given twice.");
        }
        match request.field("grant_type").as_deref() {
            Some("client_credentials") => self.client_credentials(request),
            Some("refresh_token") => self.refresh(request),
            Some(JWT_BEARER) => self.jwt_bearer(request),
            None | Some("") => malformed("There is no grant_type."),
            Some(_) => Err(Refusal::new(
                "unsupported_grant_type",
                "This server does not know the grant.",
            )),
        }
    }

    fn client(&mut self, request: &Received) -> Result<Client, Refusal> {
        let audiences = self.audiences(request);
        credential::authenticate(&self.clients, &mut self.assertions, request, &audiences).cloned()
    }

    /// What an assertion may call this server.
    fn audiences(&self, request: &Received) -> [String; 2] {
        [self.name(request), request.endpoint()]
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

    fn answer(&mut self, request: &Received, purpose: Purpose, refresh: Option<String>) -> Answer {
        let mut purpose = purpose;
        if let Some(granted) = &self.policy.granted_scopes {
            purpose.scopes.retain(|scope| granted.contains(scope));
        }
        let now = request.at();
        let issuer = self.name(request);
        let token = self
            .tokens
            .issue(&self.keys, &self.policy, &issuer, &purpose, now);
        let mut body = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.policy.token_life.as_secs(),
        });
        if !purpose.scopes.is_empty() {
            body["scope"] = purpose.scopes.join(" ").into();
        }
        if purpose.scopes.iter().any(|scope| scope == "openid") {
            let claims = json!({
                "iss": issuer, "sub": purpose.subject, "aud": purpose.client,
                "iat": seconds(now), "exp": seconds(now + self.policy.token_life),
            });
            body["id_token"] = self.keys.sign("JWT", &claims).into();
        }
        if let Some(refresh) = refresh {
            body["refresh_token"] = refresh.into();
            if let Some(life) = self.policy.refresh_life {
                body["refresh_expires_in"] = life.as_secs().into();
            }
        }
        answer::of_tokens(&body)
    }
}

impl Shape for Issuer {
    fn answer(&mut self, request: &Received) -> Option<Answer> {
        let path = request.path();
        if path.strip_prefix("/.well-known/oauth-authorization-server") == Some(&*self.path) {
            return Some(self.metadata(request));
        }
        match path.strip_prefix(&self.path)? {
            "/.well-known/openid-configuration" => Some(self.metadata(request)),
            "/jwks" => Some(answer::of_json(StatusCode::OK, &self.keys.set())),
            "/token" => Some(self.token(request).unwrap_or_else(Answer::from)),
            "/api" => Some(self.resource.answer(&self.keys, &self.tokens, request)),
            deeper if deeper.starts_with("/api/") => {
                Some(self.resource.answer(&self.keys, &self.tokens, request))
            }
            _ => None,
        }
    }
}

/// The scopes that a request asks for, or all that are allowed if it asks for none.
fn asked(request: &Received, allowed: Option<&[String]>) -> Result<Vec<String>, Refusal> {
    let scope = request.field("scope").unwrap_or_default();
    let scopes: Vec<_> = scope.split_whitespace().map(str::to_owned).collect();
    match allowed {
        Some(allowed) if scopes.is_empty() => Ok(allowed.to_vec()),
        Some(allowed) if !scopes.iter().all(|scope| allowed.contains(scope)) => Err(Refusal::new(
            "invalid_scope",
            "The client may not ask for this scope.",
        )),
        _ => Ok(scopes),
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

const JWT_BEARER: &str = "urn:ietf:params:oauth:grant-type:jwt-bearer";
