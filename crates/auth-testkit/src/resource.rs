//! [`Resource`]: an API that checks tokens.

use std::collections::BTreeMap;

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::audience::names;
use crate::keys::Keys;
use crate::record::Received;
use crate::token::Tokens;

/// The API at `/api` and below: it answers with what the token says about its bearer, to any method.
///
/// A missing, unknown, revoked or expired token, one for somebody else and one whose key is no
/// longer published is answered with 401 and a challenge; a token without the scope with 403.
///
/// ```
/// # use auth_testkit::{Resource, Server, TestClock};
/// let server = Server::new(TestClock::new());
/// let resource = Resource::new().with_header("x-identity", None).with_scope("read");
/// server.set_resource(resource.with_answer("/orders", serde_json::json!([{ "id": 7 }])));
/// ```
#[derive(Clone, Debug)]
pub struct Resource {
    audience: String,
    scope: Option<String>,
    header: String,
    scheme: Option<String>,
    answers: BTreeMap<String, Value>,
}

impl Resource {
    /// For whom tokens are when nobody says otherwise.
    pub(crate) const AUDIENCE: &str = "api";

    /// An API for the audience `api` that reads `Authorization: Bearer …` and needs no scope.
    pub fn new() -> Self {
        Self {
            audience: Self::AUDIENCE.to_owned(),
            scope: None,
            header: "authorization".to_owned(),
            scheme: Some("Bearer".to_owned()),
            answers: BTreeMap::new(),
        }
    }

    /// What it answers at a path below its own, such as `/orders`, instead of what the token says.
    #[must_use]
    pub fn with_answer(mut self, path: impl Into<String>, answer: Value) -> Self {
        self.answers.insert(path.into(), answer);
        self
    }

    /// The audience that a token must name.
    #[must_use]
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        Self {
            audience: audience.into(),
            ..self
        }
    }

    /// A scope that a token must have.
    #[must_use]
    pub fn with_scope(self, scope: impl Into<String>) -> Self {
        Self {
            scope: Some(scope.into()),
            ..self
        }
    }

    /// The header that holds the token, after `scheme` and a blank or alone.
    #[must_use]
    pub fn with_header(self, name: &str, scheme: Option<&str>) -> Self {
        Self {
            header: name.to_ascii_lowercase(),
            scheme: scheme.map(str::to_owned),
            ..self
        }
    }

    pub(crate) fn answer(&self, keys: &Keys, tokens: &Tokens, request: &Received) -> Answer {
        let Some(token) = self.token(request) else {
            return challenge(StatusCode::UNAUTHORIZED, String::new());
        };
        let claims = tokens
            .claims(token, request.at())
            .filter(|_| !token.contains('.') || keys.signed(token))
            .filter(|claims| names(&claims["aud"], &self.audience));
        let Some(claims) = claims else {
            let why = r#", error="invalid_token", error_description="The token is not accepted.""#;
            return challenge(StatusCode::UNAUTHORIZED, why.to_owned());
        };
        let scope = claims["scope"].as_str().unwrap_or_default();
        match &self.scope {
            Some(needed) if !scope.split(' ').any(|one| one == needed) => challenge(
                StatusCode::FORBIDDEN,
                format!(r#", error="insufficient_scope", scope="{needed}""#),
            ),
            _ => {
                let own = request.path().split_once("/api");
                let own = own.and_then(|(_, below)| self.answers.get(below)).cloned();
                answer::of_json(
                    StatusCode::OK,
                    &own.unwrap_or_else(|| bearer(claims, request)),
                )
            }
        }
    }

    fn token<'a>(&self, request: &'a Received) -> Option<&'a str> {
        let value = request.header(&self.header)?;
        match &self.scheme {
            None => Some(value),
            Some(scheme) => {
                let (named, token) = value.split_once(' ')?;
                named.eq_ignore_ascii_case(scheme).then_some(token)
            }
        }
    }
}

impl Default for Resource {
    fn default() -> Self {
        Self::new()
    }
}

fn bearer(claims: &Value, request: &Received) -> Value {
    let mut body = json!({
        "sub": claims["sub"],
        "client_id": claims.get("client_id").or_else(|| claims.get("azp")),
        "aud": claims["aud"],
        "scope": claims["scope"],
        "exp": claims["exp"],
        "method": request.method().as_str(),
        "path": request.path(),
        "received": request.body().len(),
    });
    // What a realm's token has besides.
    for name in ["preferred_username", "realm_access"] {
        if !claims[name].is_null() {
            body[name] = claims[name].clone();
        }
    }
    body
}

fn challenge(status: StatusCode, rest: String) -> Answer {
    let mut answer = answer::of_status(status);
    let value = format!(r#"Bearer realm="api"{rest}"#);
    if let Ok(value) = HeaderValue::try_from(value) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    answer
}
