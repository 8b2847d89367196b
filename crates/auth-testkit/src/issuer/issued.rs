//! What the issuer answers where it gives tokens.

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Issuer;
use crate::answer::{self, Answer};
use crate::record::Received;
use crate::token::{Purpose, seconds};

impl Issuer {
    /// Starts a login: the answer, and the refresh token in it.
    pub(super) fn start(
        &mut self,
        request: &Received,
        purpose: Purpose,
        nonce: Option<&str>,
    ) -> (Answer, String) {
        let (body, refresh) = self.started(request, purpose, nonce);
        (answer::of_tokens(&body), refresh)
    }

    pub(super) fn started(
        &mut self,
        request: &Received,
        purpose: Purpose,
        nonce: Option<&str>,
    ) -> (Value, String) {
        let purpose = purpose.in_session();
        let refresh = self
            .logins
            .start(purpose.clone(), &self.policy, request.at());
        let body = self.tokens_for(request, purpose, Some(refresh.clone()), nonce);
        (body, refresh)
    }

    pub(super) fn answer(
        &mut self,
        request: &Received,
        purpose: Purpose,
        refresh: Option<String>,
    ) -> Answer {
        answer::of_tokens(&self.tokens_for(request, purpose, refresh, None))
    }

    pub(super) fn tokens_for(
        &mut self,
        request: &Received,
        purpose: Purpose,
        refresh: Option<String>,
        nonce: Option<&str>,
    ) -> Value {
        let mut purpose = purpose;
        if let Some(granted) = &self.policy.granted_scopes {
            purpose.scopes.retain(|scope| granted.contains(scope));
        }
        let issuer = self.name(request);
        let token = self
            .tokens
            .issue(&self.keys, &self.policy, &issuer, &purpose, request.at());
        let mut body = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.policy.token_life.as_secs(),
        });
        if !purpose.scopes.is_empty() {
            body["scope"] = purpose.scopes.join(" ").into();
        }
        if purpose.scopes.iter().any(|scope| scope == "openid") {
            body["id_token"] = self.id_token(request, &purpose, &token, nonce).into();
        }
        if let Some(refresh) = refresh {
            body["refresh_token"] = refresh.into();
            if let Some(life) = self.policy.refresh_life {
                body["refresh_expires_in"] = life.as_secs().into();
            }
        }
        body
    }

    /// Who logged in (OpenID Connect Core §2), bound to the access token and to the request.
    fn id_token(
        &self,
        request: &Received,
        purpose: &Purpose,
        access_token: &str,
        nonce: Option<&str>,
    ) -> String {
        let now = request.at();
        let hash = digest::digest(&digest::SHA256, access_token.as_bytes());
        let mut claims = json!({
            "iss": self.name(request), "sub": purpose.subject, "aud": purpose.client,
            "iat": seconds(now), "exp": seconds(now + self.policy.token_life),
            "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]),
        });
        if let Some(session) = &purpose.session {
            claims["sid"] = session.as_str().into();
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        self.keys.sign("JWT", &claims)
    }
}
