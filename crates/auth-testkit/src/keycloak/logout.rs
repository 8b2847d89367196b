//! The end of a session at a realm.

use http::Method;

use super::{Place, cookie};
use crate::answer::Answer;
use crate::record::Received;

impl Place {
    /// Ends a session for a program that brings a refresh token, for a browser that brings an ID token,
    /// or for whoever says yes on the page.
    pub(super) fn logout(&mut self, request: &Received) -> Answer {
        let posted = request.method() == Method::POST;
        let get = |name| request.query(name).or_else(|| request.field(name));
        let hint = get("id_token_hint");
        let token = request.field("refresh_token").filter(|_| posted);
        let confirmed = posted && request.field("confirmLogout").is_some();
        if hint.is_none() && token.is_none() && !confirmed {
            let action = self.issuer.name(request) + "/protocol/openid-connect/logout";
            return self.look().logout(&action);
        }
        let session = match (token, hint) {
            (Some(token), _) => {
                let purpose = self.issuer.logins.purpose(&token);
                let purpose = purpose.filter(|purpose| !purpose.offline);
                purpose.and_then(|purpose| purpose.session.clone())
            }
            (None, Some(hint)) => {
                let claims = self.issuer.keys.claims(&hint);
                claims.and_then(|claims| claims["sid"].as_str().map(str::to_owned))
            }
            (None, None) => self.known(request).map(|known| known.session),
        };
        if confirmed && let Some(session) = &session {
            self.issuer.end_session(session);
        }
        let answer = self.issuer.logout(request);
        if answer.status().is_client_error() {
            return answer;
        }
        if let Some(session) = session {
            self.issuer.sessions.end(&session);
        }
        if request.field("refresh_token").is_some() {
            return answer;
        }
        cookie::Jar::new(&self.issuer.path, answer)
            .clear(cookie::IDENTITY)
            .done()
    }
}
