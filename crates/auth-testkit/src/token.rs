//! The access tokens that the issuer gave.

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::audience::Audience;
use crate::random;

/// What a token is given for.
#[derive(Clone)]
pub(crate) struct Purpose {
    pub(crate) client: String,
    pub(crate) subject: String,
    pub(crate) scopes: Vec<String>,
    pub(crate) audience: Audience,
    /// The login that it is given in, if a person logged in.
    pub(crate) session: Option<String>,
    /// When they did.
    pub(crate) since: Option<SystemTime>,
    /// Whether the login is to outlast the person's session.
    pub(crate) offline: bool,
    /// Who acts for the subject.
    pub(crate) actor: Option<String>,
}

impl Purpose {
    /// The same, in a login that begins now unless it is part of one.
    pub(crate) fn in_session(mut self, now: SystemTime) -> Self {
        self.session.get_or_insert_with(|| random::hex(12));
        self.since.get_or_insert(now);
        self
    }

    pub(crate) fn has_scope(&self, name: &str) -> bool {
        self.scopes.iter().any(|scope| scope == name)
    }
}

/// The access tokens that work, unless they have ended.
#[derive(Default)]
pub(crate) struct Tokens(HashMap<String, Value>);

impl Tokens {
    /// Remembers a new token.
    pub(crate) fn add(&mut self, token: String, claims: Value, now: SystemTime) {
        self.prune(now);
        self.0.insert(token, claims);
    }

    /// What `token` says, if it was given here, was not revoked and has not ended.
    pub(crate) fn claims(&self, token: &str, now: SystemTime) -> Option<&Value> {
        let claims = self.0.get(token)?;
        is_alive(claims, now).then_some(claims)
    }

    /// Whose `token` is, if it is known.
    pub(crate) fn client(&self, token: &str) -> Option<String> {
        let claims = self.0.get(token)?;
        let named = claims["client_id"]
            .as_str()
            .or_else(|| claims["azp"].as_str());
        named.map(str::to_owned)
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
