//! Signed assertions (RFC 7523): the proof of a client, or a grant.

use std::collections::{BTreeMap, HashMap};
use std::time::SystemTime;

use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::Value;

use crate::client::Client;
use crate::token::seconds;

/// Checks assertions, and remembers the identifiers of those that were used until they end.
#[derive(Default)]
pub(crate) struct Assertions(HashMap<String, u64>);

impl Assertions {
    /// Takes `assertion` as the proof of `client` (RFC 7523 §2.2): once, and about itself.
    pub(crate) fn prove(
        &mut self,
        client: &Client,
        assertion: &str,
        audiences: &[String],
        now: SystemTime,
    ) -> Result<(), &'static str> {
        let claims = checked(client, assertion, audiences, now)?;
        if client.federated.is_some() {
            return Ok(());
        }
        if claims["sub"] != claims["iss"] {
            return Err("The subject of the assertion is not the client.");
        }
        if !claims["jti"].is_string() {
            return Err("The assertion has no identifier.");
        }
        self.spend(client, &claims, now)
    }

    /// Takes `assertion` as a grant (RFC 7523 §2.1) and gives its claims.
    pub(crate) fn redeem(
        &mut self,
        client: &Client,
        assertion: &str,
        audiences: &[String],
        now: SystemTime,
    ) -> Result<Value, &'static str> {
        let claims = checked(client, assertion, audiences, now)?;
        if client.federated.is_some() {
            return Ok(claims);
        }
        self.spend(client, &claims, now)?;
        Ok(claims)
    }

    /// An assertion that has an identifier can be used once.
    fn spend(
        &mut self,
        client: &Client,
        claims: &Value,
        now: SystemTime,
    ) -> Result<(), &'static str> {
        let now = seconds(now);
        self.0.retain(|_, end| *end > now);
        let end = claims["exp"].as_u64().unwrap_or_default();
        let Some(jti) = claims["jti"].as_str() else {
            return Ok(());
        };
        match self.0.insert(format!("{} {jti}", client.id), end) {
            Some(_) => Err("The assertion was used before."),
            None => Ok(()),
        }
    }
}

/// The client that `assertion` is from or about, as long as nothing is believed.
pub(crate) fn client<'a>(
    clients: &'a BTreeMap<String, Client>,
    assertion: &str,
) -> Result<&'a Client, &'static str> {
    let nobody = "The assertion names nobody.";
    let data = jsonwebtoken::dangerous::insecure_decode::<Value>(assertion).map_err(|_| nobody)?;
    let issuer = data.claims["iss"].as_str().ok_or(nobody)?;
    let is_about = |client: &&Client| {
        let known = client.federated.as_ref();
        known.is_some_and(|known| known.0 == issuer && data.claims["sub"] == known.1.as_str())
    };
    let own = clients
        .get(issuer)
        .filter(|client| client.federated.is_none());
    own.or_else(|| clients.values().find(is_about))
        .ok_or(UNKNOWN)
}

/// The claims of `assertion` if one of `keys` signed it. Says nothing about what they mean.
pub(crate) fn signed<'a>(
    assertion: &str,
    keys: impl IntoIterator<Item = &'a (Algorithm, DecodingKey)>,
) -> Option<Value> {
    keys.into_iter().find_map(|(algorithm, key)| {
        let mut rule = Validation::new(*algorithm);
        rule.validate_exp = false; // the server's own clock decides
        rule.validate_aud = false;
        rule.required_spec_claims.clear();
        let data = jsonwebtoken::decode::<Value>(assertion, key, &rule).ok()?;
        Some(data.claims)
    })
}

/// Whether one of `names` is the audience, or among several (RFC 7519 §4.1.3).
pub(crate) fn is_for(claims: &Value, names: &[String]) -> bool {
    let is_named = |aud: &Value| names.iter().any(|name| aud == name.as_str());
    match &claims["aud"] {
        Value::Array(several) => several.iter().any(is_named),
        one => is_named(one),
    }
}

fn checked(
    client: &Client,
    assertion: &str,
    audiences: &[String],
    now: SystemTime,
) -> Result<Value, &'static str> {
    let claims =
        signed(assertion, &client.keys).ok_or("The signature of the assertion is wrong.")?;
    if !is_for(&claims, audiences) {
        return Err("The audience of the assertion is not this server.");
    }
    let now = seconds(now);
    match claims["exp"].as_u64() {
        None => Err("The assertion does not say when it ends."),
        Some(end) if end <= now => Err("The assertion has expired."),
        Some(end) if end > now + LONGEST => Err("The assertion ends too late."),
        Some(_) => Ok(claims),
    }
}

/// An hour, and a minute for a clock that is ahead.
const LONGEST: u64 = 3660;

pub(crate) const UNKNOWN: &str = "The issuer of the assertion is not known.";
