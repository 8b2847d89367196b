//! What Entra ID answers where it gives tokens.

use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::grant::Grant;
use super::place::Place;
use super::scope::Wish;
use super::tenant::EntraTenant;
use super::{Entra, claims};
use crate::audience::Audience;
use crate::random;
use crate::record::Received;
use crate::token::Purpose;
use crate::user::User;

/// What a login is: not for one API, but for all that a program may ask for in the name of a person.
pub(super) fn login(client: &str, user: &str, scope: &str) -> Purpose {
    Purpose {
        client: client.to_owned(),
        subject: user.to_owned(),
        scopes: scope.split_whitespace().map(str::to_owned).collect(),
        audience: Audience::default(),
        session: None,
        since: None,
        offline: false,
        actor: None,
    }
}

impl Entra {
    /// The first refresh token of a login.
    pub(super) fn first_refresh_token(
        &mut self,
        place: &Place,
        login: Purpose,
        now: SystemTime,
    ) -> String {
        let token = refresh_token();
        let policy = place.user(&login.subject).map(|(tenant, _)| &tenant.policy);
        if let Some(policy) = policy {
            self.logins.start(token.clone(), login, policy, now);
        }
        token
    }

    /// The answer with an access token for what is wished, and what belongs to it.
    pub(super) fn issue(
        &mut self,
        request: &Received,
        grant: &Grant<'_>,
        wish: &Wish,
        refresh: Option<String>,
        nonce: Option<&str>,
    ) -> Value {
        let life = grant.tenant.policy.token_life.as_secs();
        let mut body = json!({
            "token_type": "Bearer",
            "expires_in": life,
            "ext_expires_in": life,
            "access_token": self.access_token(request, grant, wish),
        });
        let Some((user, _)) = &grant.person else {
            return body;
        };
        body["scope"] = wish.granted.join(" ").into();
        if let Some(refresh) = refresh {
            body["refresh_token"] = refresh.into();
        }
        if wish.openid {
            let claims = claims::identity(request, grant, user, nonce);
            let token = self.keys.sign("JWT", &claims);
            self.tokens.add(token.clone(), claims, request.at());
            body["id_token"] = token.into();
        }
        if request.field("client_info").as_deref() == Some("1") {
            body["client_info"] = client_info(user, grant.tenant).into();
        }
        body
    }

    fn access_token(&mut self, request: &Received, grant: &Grant<'_>, wish: &Wish) -> String {
        let mut claims = claims::access(request, grant, wish);
        let token = match grant.tenant.policy.opaque {
            true => random::hex(32),
            false => self.keys.sign("JWT", &claims),
        };
        claims[ASKED] = grant.asked.clone().unwrap_or_default();
        self.tokens.add(token.clone(), claims, request.at());
        token
    }
}

/// Who logged in, for a program that can't read tokens.
pub(super) fn client_info(user: &User, tenant: &EntraTenant) -> String {
    URL_SAFE_NO_PAD.encode(json!({ "uid": user.id, "utid": tenant.id }).to_string())
}

pub(super) fn refresh_token() -> String {
    format!("1.{}", random::hex(32))
}

/// Where the server remembers with which claims request a token was asked for. No token says it.
pub(super) const ASKED: &str = "asked with";
