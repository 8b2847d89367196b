//! The end of a session (OpenID Connect RP-Initiated Logout), for browsers and for programs.

use http::{Method, StatusCode};
use url::Url;

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::page;
use crate::record::Received;
use crate::refresh::End;

impl Issuer {
    /// A program posts the refresh token of the login that it ends; a browser brings an ID token.
    pub(crate) fn logout(&mut self, request: &Received) -> Answer {
        if request.method() == Method::POST && request.field("refresh_token").is_some() {
            let answer = self.posted_logout(request);
            return answer.unwrap_or_else(|no| no.answer(self.dialect));
        }
        let get = |name| request.query(name).or_else(|| request.field(name));
        let hint = get("id_token_hint").map(|hint| self.keys.claims(&hint));
        if hint.as_ref().is_some_and(Option::is_none) {
            return page::text(StatusCode::BAD_REQUEST, "Invalid parameter: id_token_hint");
        }
        let hint = hint.flatten();
        let named = hint.as_ref().and_then(|hint| hint["aud"].as_str());
        let client = get("client_id").or_else(|| named.map(str::to_owned));
        let client = client.and_then(|client| self.clients.get(&client));
        let back = match get("post_logout_redirect_uri") {
            None => None,
            Some(text) => match client.and_then(|client| client.redirect(&text)) {
                None => return page::text(StatusCode::BAD_REQUEST, "Invalid redirect uri"),
                back => back,
            },
        };
        if let Some(session) = hint.as_ref().and_then(|hint| hint["sid"].as_str()) {
            self.end_session(session);
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
        let no = |why| Refusal::new("invalid_grant", why);
        let Some(purpose) = self.logins.purpose(&token) else {
            return Err(no("The refresh token is not known.").keycloak("Invalid refresh token"));
        };
        if purpose.client != client.id {
            let why = "Invalid refresh token. Token client and authorized client don't match";
            return Err(no("The refresh token belongs to another client.").keycloak(why));
        }
        self.logins.end(&token, End::Left);
        self.logins.end_beside(&token, |_| true);
        Ok(answer::of_status(StatusCode::NO_CONTENT))
    }
}

fn send_back(mut back: Url, state: Option<String>) -> Answer {
    if let Some(state) = state {
        back.query_pairs_mut().append_pair("state", &state);
    }
    answer::redirect(back.as_str())
}
