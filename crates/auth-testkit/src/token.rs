//! The access tokens that the issuer gave.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::keys::Keys;
use crate::policy::Policy;
use crate::random;

/// What a token is given for.
#[derive(Clone)]
pub(crate) struct Purpose {
    pub(crate) client: String,
    pub(crate) subject: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: String,
    /// The login that it is given in, if a person logged in.
    pub(crate) session: Option<String>,
}

impl Purpose {
    /// The same, in a new login unless there is one.
    pub(crate) fn in_session(mut self) -> Self {
        self.session.get_or_insert_with(|| random::hex(12));
        self
    }
}

/// The access tokens that work, unless they have ended.
#[derive(Default)]
pub(crate) struct Tokens(HashMap<String, Value>);

impl Tokens {
    /// A new token for `purpose`.
    pub(crate) fn issue(
        &mut self,
        keys: &Keys,
        policy: &Policy,
        issuer: &str,
        purpose: &Purpose,
        now: SystemTime,
    ) -> String {
        let mut claims = json!({
            "iss": issuer,
            "sub": purpose.subject,
            "aud": purpose.audience,
            "client_id": purpose.client,
            "scope": purpose.scopes.join(" "),
            "iat": seconds(now),
            "exp": seconds(now + policy.token_life),
            "jti": random::hex(16),
        });
        if let Some(session) = &purpose.session {
            claims["sid"] = session.as_str().into();
        }
        let token = if policy.opaque {
            random::hex(32)
        } else {
            keys.sign("at+jwt", &claims)
        };
        self.prune(now);
        self.0.insert(token.clone(), claims);
        token
    }

    /// What `token` says, if it was given here, was not revoked and has not ended.
    pub(crate) fn claims(&self, token: &str, now: SystemTime) -> Option<&Value> {
        let claims = self.0.get(token)?;
        is_alive(claims, now).then_some(claims)
    }

    /// Whose `token` is, if it is known.
    pub(crate) fn client(&self, token: &str) -> Option<String> {
        Some(self.0.get(token)?["client_id"].as_str()?.to_owned())
    }

    /// Makes `token` worthless, whatever it says about its end.
    pub(crate) fn revoke(&mut self, token: &str) -> bool {
        self.0.remove(token).is_some()
    }

    /// Forgets what ended long ago. A clock may be set back, so not at once.
    fn prune(&mut self, now: SystemTime) {
        if self.0.len().is_power_of_two() {
            let past = now.checked_sub(DAY).unwrap_or(SystemTime::UNIX_EPOCH);
            self.0.retain(|_, claims| is_alive(claims, past));
        }
    }
}

/// Seconds since the epoch, as JWTs count.
pub(crate) fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn is_alive(claims: &Value, now: SystemTime) -> bool {
    claims["exp"].as_u64().is_some_and(|end| end > seconds(now))
}

const DAY: Duration = Duration::from_secs(86_400);
