//! Userinfo (OpenID Connect Core §5.3): who a token is about.

use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, Method, StatusCode};
use serde_json::{Value, json};

use super::Issuer;
use crate::answer::{self, Answer};
use crate::dialect::{Dialect, keycloak};
use crate::record::Received;

impl Issuer {
    /// Answers whoever holds an access token with the scope `openid`. A no is a challenge without a body.
    pub(crate) fn userinfo(&self, request: &Received) -> Answer {
        let challenge = |status, rest: &str| challenge(status, self.realm(), rest);
        let Some(token) = bearer(request) else {
            return challenge(StatusCode::UNAUTHORIZED, "");
        };
        let known = self.tokens.claims(&token, request.at());
        let known = known.filter(|_| !token.contains('.') || self.keys.signed(&token));
        let Some(claims) = known else {
            let why = r#", error="invalid_token", error_description="Token verification failed""#;
            return challenge(StatusCode::UNAUTHORIZED, why);
        };
        let session = claims["sid"].as_str();
        if session.is_some_and(|session| !self.logins.has_session(session)) {
            let why = r#", error="invalid_token", error_description="user_session_not_found""#;
            return challenge(StatusCode::UNAUTHORIZED, why);
        }
        if !self.may_log_in(&self.person(claims)) {
            let why = r#", error="invalid_token", error_description="User disabled""#;
            return challenge(StatusCode::UNAUTHORIZED, why);
        }
        let scope = claims["scope"].as_str().unwrap_or_default();
        if !scope.split(' ').any(|one| one == "openid") {
            let why = r#", error="insufficient_scope", error_description="Missing openid scope""#;
            return challenge(StatusCode::FORBIDDEN, why);
        }
        let body = match self.dialect {
            Dialect::Standard => {
                json!({ "sub": claims["sub"], "preferred_username": claims["sub"] })
            }
            Dialect::Keycloak => keycloak::profile(claims),
        };
        answer::of_json(StatusCode::OK, &body)
    }

    /// Whom a token of this issuer is about, by the name that it knows them by.
    pub(crate) fn person(&self, claims: &Value) -> String {
        let subject = claims["sub"].as_str().unwrap_or_default();
        let mut users = self.users.values();
        let user = users.find(|user| user.id == subject);
        user.map_or(subject, |user| &user.name).to_owned()
    }

    /// How a challenge names it.
    fn realm(&self) -> &str {
        match self.dialect {
            Dialect::Standard => "auth-testkit",
            Dialect::Keycloak => self.path.rsplit('/').next().unwrap_or_default(),
        }
    }
}

/// The token in the header, or in a posted form (RFC 6750 §2). One in the query is not looked at.
fn bearer(request: &Received) -> Option<String> {
    let header = request.header("authorization");
    if let Some((scheme, token)) = header.and_then(|value| value.split_once(' ')) {
        return scheme
            .eq_ignore_ascii_case("bearer")
            .then(|| token.trim().to_owned());
    }
    let posted = request.method() == Method::POST && request.is_form();
    posted.then(|| request.field("access_token"))?
}

fn challenge(status: StatusCode, realm: &str, rest: &str) -> Answer {
    let mut answer = answer::of_status(status);
    if let Ok(value) = HeaderValue::try_from(format!(r#"Bearer realm="{realm}"{rest}"#)) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    answer
}
