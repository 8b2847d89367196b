//! The end of a session (OpenID Connect RP-Initiated Logout), for browsers and for programs.

use http::header::LOCATION;
use http::{HeaderValue, Method, StatusCode};
use url::Url;

use super::Issuer;
use super::code::loopback;
use crate::answer::{self, Answer, Refusal};
use crate::page;
use crate::record::Received;

impl Issuer {
    /// A program posts the refresh token of the login that it ends; a browser brings an ID token.
    pub(super) fn logout(&mut self, request: &Received) -> Answer {
        if request.method() == Method::POST && request.field("refresh_token").is_some() {
            return self.posted_logout(request).unwrap_or_else(Answer::from);
        }
        let get = |name| request.query(name).or_else(|| request.field(name));
        let hint = get("id_token_hint").map(|hint| self.keys.claims(&hint));
        if hint.as_ref().is_some_and(Option::is_none) {
            return page::text(StatusCode::BAD_REQUEST, "Invalid parameter: id_token_hint");
        }
        let hint = hint.flatten();
        let named = hint.as_ref().and_then(|hint| hint["aud"].as_str());
        let client = get("client_id").or_else(|| named.map(str::to_owned));
        let known = client.is_some_and(|client| self.clients.contains_key(&client));
        let back = match get("post_logout_redirect_uri") {
            None => None,
            Some(text) => match loopback(&text).filter(|_| known) {
                None => return page::text(StatusCode::BAD_REQUEST, "Invalid redirect uri"),
                back => back,
            },
        };
        if let Some(session) = hint.as_ref().and_then(|hint| hint["sid"].as_str()) {
            self.logins.end_session(session);
        }
        match back {
            None => page::text(StatusCode::OK, "You are logged out"),
            Some(back) => send_back(back, get("state")),
        }
    }

    /// Ends the login of a refresh token; a second time it is over already, which is as good.
    fn posted_logout(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let token = request.field("refresh_token").unwrap_or_default();
        match self.logins.client(&token) {
            None => Err(Refusal::new(
                "invalid_grant",
                "The refresh token is not known.",
            )),
            Some(owner) if owner != client.id => Err(Refusal::new(
                "invalid_grant",
                "The refresh token belongs to another client.",
            )),
            Some(_) => {
                self.logins.end(&token);
                Ok(answer::of_status(StatusCode::NO_CONTENT))
            }
        }
    }
}

fn send_back(mut back: Url, state: Option<String>) -> Answer {
    if let Some(state) = state {
        back.query_pairs_mut().append_pair("state", &state);
    }
    let mut answer = answer::of_status(StatusCode::FOUND);
    if let Ok(value) = HeaderValue::try_from(back.as_str()) {
        answer.headers_mut().insert(LOCATION, value);
    }
    answer
}
