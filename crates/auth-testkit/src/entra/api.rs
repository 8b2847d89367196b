//! The APIs that check Entra ID's tokens.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::WWW_AUTHENTICATE;
use http::{HeaderValue, StatusCode};
use serde_json::{Value, json};

use super::Entra;
use super::application::EntraApplication;
use super::demand::covers;
use super::issued::ASKED;
use super::runs;
use crate::answer::{self, Answer};
use crate::record::Received;

impl Entra {
    /// The answer of the API below whose path `request` goes.
    pub(super) fn api(&self, request: &Received) -> Option<Answer> {
        let path = request.path();
        let is_below = |api: &&EntraApplication| {
            let base = api.path.as_deref();
            let rest = base.and_then(|base| path.strip_prefix(base));
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let mut all = self.tenants.iter().flat_map(|tenant| &tenant.applications);
        let api = all.find(is_below)?;
        let bearer = self.bearer(api, request);
        if api.has_runs {
            let rest = path.strip_prefix(api.path.as_deref()?)?;
            return Some(runs::answer(rest, bearer.ok()));
        }
        Some(match bearer {
            Ok(claims) => answer::of_json(StatusCode::OK, &shown(claims, request)),
            Err(challenge) => refused(request, &challenge),
        })
    }

    /// What the token of `request` says, or what is to be said about it.
    fn bearer(&self, api: &EntraApplication, request: &Received) -> Result<&Value, String> {
        let header = request.header("authorization");
        let bearer = header.and_then(|value| value.split_once(' '));
        let bearer = bearer.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
        let token = bearer.map(|(_, token)| token);
        let token = token.or_else(|| request.header("x-identity"));
        let token = token.ok_or_else(String::new)?;
        let claims = self
            .tokens
            .claims(token, request.at())
            .filter(|_| !token.contains('.') || self.keys.signed(token))
            .filter(|claims| claims["aud"].as_str().is_some_and(|aud| api.is_named(aud)));
        let claims = claims.ok_or(r#", error="invalid_token""#)?;
        match &api.challenge {
            Some(wanted) if !covers(&claims[ASKED], wanted) => Err(format!(
                r#", error="insufficient_claims", claims="{}""#,
                STANDARD.encode(wanted.to_string())
            )),
            _ => Ok(claims),
        }
    }
}

fn shown(claims: &Value, request: &Received) -> Value {
    let mut body = json!({ "method": request.method().as_str(), "path": request.path() });
    for name in SHOWN {
        if let Some(value) = claims.get(name) {
            body[name] = value.clone();
        }
    }
    body
}

fn refused(request: &Received, challenge: &str) -> Answer {
    let mut answer = answer::of_status(StatusCode::UNAUTHORIZED);
    let page = format!("{}/common/oauth2/v2.0/authorize", request.origin());
    let value = format!(r#"Bearer realm="", authorization_uri="{page}"{challenge}"#);
    if let Ok(value) = HeaderValue::try_from(value) {
        answer.headers_mut().insert(WWW_AUTHENTICATE, value);
    }
    answer
}

const SHOWN: [&str; 15] = [
    "aud",
    "iss",
    "ver",
    "oid",
    "sub",
    "tid",
    "azp",
    "appid",
    "scp",
    "roles",
    "idtyp",
    "xms_cc",
    "preferred_username",
    "upn",
    "exp",
];
