//! What the issuer answers where it gives tokens.

use std::time::SystemTime;

use aws_lc_rs::digest;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::dialect::{Dialect, keycloak};
use crate::random;
use crate::record::Received;
use crate::token::{Purpose, seconds};

impl Issuer {
    /// Starts a login: the answer, and the refresh token in it. The first access token may be for fewer than the login is.
    pub(crate) fn start(
        &mut self,
        request: &Received,
        purpose: Purpose,
        nonce: Option<&str>,
    ) -> Result<(Value, String), Refusal> {
        let first = self.narrowed(request, purpose.audience.clone())?;
        let (mut purpose, refresh) = self.begin(&self.name(request), purpose, request.at());
        self.end_what_was_for_offline(&purpose);
        purpose.audience = first;
        let body = self.tokens_for(request, purpose, Some(refresh.clone()), nonce);
        Ok((body, refresh))
    }

    /// A realm needs the person's session no more that was begun for an offline login alone.
    fn end_what_was_for_offline(&mut self, purpose: &Purpose) {
        let session = purpose.session.as_deref().unwrap_or_default();
        let ends = purpose.offline && self.sessions.is_for_offline(session, &purpose.client);
        if ends && !self.policy.keeps_sessions {
            self.end_session(session);
        }
    }

    /// Ends a session of a person's: the browser knows them no more, and every login in it ends but those that were meant to
    /// outlast it.
    pub(crate) fn end_session(&mut self, session: &str) {
        self.logins.end_session(session);
        self.sessions.end(session);
    }

    /// A login that begins, and its first refresh token.
    pub(crate) fn begin(
        &mut self,
        issuer: &str,
        purpose: Purpose,
        now: SystemTime,
    ) -> (Purpose, String) {
        let mut purpose = purpose.in_session(now);
        purpose.offline = self.dialect == Dialect::Keycloak && purpose.has_scope("offline_access");
        let refresh = self.refresh_token(issuer, &purpose, now);
        self.logins
            .start(refresh.clone(), purpose.clone(), &self.policy, now);
        (purpose, refresh)
    }

    /// A realm gives an offline token to those alone who have a role for it.
    pub(super) fn ensure_may_go_offline(&self, purpose: &Purpose) -> Result<(), Refusal> {
        let user = self.users.get(&purpose.subject);
        let may = user.is_none_or(|user| user.may_go_offline);
        if may || self.dialect == Dialect::Standard || !purpose.has_scope("offline_access") {
            return Ok(());
        }
        let why = "Offline tokens not allowed for the user or client";
        Err(Refusal::new("not_allowed", why))
    }

    /// The next refresh token of a login.
    pub(super) fn refresh_token(&self, issuer: &str, purpose: &Purpose, now: SystemTime) -> String {
        match self.dialect {
            Dialect::Standard => random::hex(32),
            Dialect::Keycloak => {
                let life = self.policy.life(purpose).filter(|_| !purpose.offline);
                let (end, subject) = (life.map(|life| now + life), self.subject(purpose));
                self.keys
                    .seal(&keycloak::refresh(issuer, purpose, &subject, now, end))
            }
        }
    }

    pub(super) fn answer(
        &mut self,
        request: &Received,
        purpose: Purpose,
        refresh: Option<String>,
    ) -> Answer {
        answer::of_tokens(&self.tokens_for(request, purpose, refresh, None))
    }

    pub(crate) fn tokens_for(
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
        let token = self.access_token(request, &purpose);
        let mut body = json!({
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": self.policy.token_life.as_secs(),
        });
        if purpose.has_scope("openid") {
            body["id_token"] = self.id_token(request, &purpose, &token, nonce).into();
        }
        match self.dialect {
            Dialect::Standard => {
                if !purpose.scopes.is_empty() {
                    body["scope"] = purpose.scopes.join(" ").into();
                }
                let life = self.policy.refresh_life.filter(|_| refresh.is_some());
                if let Some(life) = life {
                    body["refresh_expires_in"] = life.as_secs().into();
                }
            }
            Dialect::Keycloak => {
                let life = self.policy.life(&purpose).unwrap_or_default();
                let ends = refresh.is_some() && !purpose.offline;
                body["refresh_expires_in"] = if ends { life.as_secs() } else { 0 }.into();
                body["not-before-policy"] = 0.into();
                body["scope"] = keycloak::scope(&purpose).into();
                if let Some(session) = &purpose.session {
                    body["session_state"] = session.as_str().into();
                }
            }
        }
        if let Some(refresh) = refresh {
            body["refresh_token"] = refresh.into();
        }
        body
    }

    fn access_token(&mut self, request: &Received, purpose: &Purpose) -> String {
        let (name, now) = (self.name(request), request.at());
        let end = now + self.policy.token_life;
        let (claims, media_type) = match self.dialect {
            Dialect::Standard => {
                let mut claims = json!({
                    "iss": name,
                    "sub": purpose.subject,
                    "aud": purpose.audience.claim(),
                    "client_id": purpose.client,
                    "scope": purpose.scopes.join(" "),
                    "iat": seconds(now),
                    "exp": seconds(end),
                    "jti": random::hex(16),
                });
                if let Some(session) = &purpose.session {
                    claims["sid"] = session.as_str().into();
                }
                if let Some(actor) = &purpose.actor {
                    claims["act"] = json!({ "sub": actor });
                }
                (claims, "at+jwt")
            }
            Dialect::Keycloak => {
                let user = self.users.get(&purpose.subject);
                (keycloak::access(&name, purpose, user, now, end), "JWT")
            }
        };
        let token = if self.policy.opaque {
            random::hex(32)
        } else {
            self.keys.sign(media_type, &claims)
        };
        self.tokens.add(token.clone(), claims, now);
        token
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
            "iss": self.name(request), "sub": self.subject(purpose), "aud": purpose.client,
            "iat": seconds(now), "exp": seconds(now + self.policy.token_life),
            "at_hash": URL_SAFE_NO_PAD.encode(&hash.as_ref()[..16]),
        });
        if self.dialect == Dialect::Keycloak {
            let user = self.users.get(&purpose.subject);
            keycloak::describe(&mut claims, purpose, user, "ID");
        }
        if let Some(session) = &purpose.session {
            claims["sid"] = session.as_str().into();
        }
        if let Some(nonce) = nonce {
            claims["nonce"] = nonce.into();
        }
        self.keys.sign("JWT", &claims)
    }

    /// How tokens name whom they are about.
    pub(crate) fn subject(&self, purpose: &Purpose) -> String {
        let user = self.users.get(&purpose.subject);
        user.map_or_else(|| purpose.subject.clone(), |user| user.id.clone())
    }
}
