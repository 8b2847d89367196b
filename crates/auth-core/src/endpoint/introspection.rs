//! [`Introspection`] (RFC 7662): what the server says about a token.

use std::time::SystemTime;

use bytes::Bytes;
use http::Response;
use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

use super::accept::accept;
use super::post::Tries;
use super::{Form, TokenEndpoint};
use crate::error::{Error, Result};
use crate::io::clock::bound;
use crate::io::shown;
use crate::session::Held;

/// What a server says about a token (RFC 7662 §2.2).
#[derive(Clone, Debug)]
pub struct Introspection {
    members: Map<String, Value>,
}

impl Introspection {
    /// Whether the token works now. A server also says no where this client may not know
    /// (RFC 7662 §2.2), and then says nothing else.
    pub fn is_active(&self) -> bool {
        self.members.get("active") == Some(&Value::Bool(true))
    }

    /// Another member of the answer: `scope`, `sub`, `client_id`, …
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All members of the answer.
    pub fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// The scopes that the token has.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        let text = self.get("scope").and_then(Value::as_str);
        text.unwrap_or_default().split_whitespace()
    }

    /// When the token ends, if the server says so.
    pub fn expires_at(&self) -> Option<SystemTime> {
        let seconds = self.get("exp")?.as_u64()?;
        Some(bound::since_epoch(seconds))
    }
}

impl TokenEndpoint {
    /// Asks what the server knows of `token`. Can be repeated without harm.
    ///
    /// # Errors
    /// `Config` where the server has no introspection endpoint; `Refused`, `Unavailable`, `Protocol`.
    pub async fn introspect(&self, token: &SecretString) -> Result<Introspection> {
        let url = self
            .place("introspection endpoint", "introspection_endpoint")
            .await?;
        let form = Form::empty().with_secret("token", token.clone());
        self.post(&Held::new(), &url, form, Tries::Three, read)
            .await
    }
}

fn read(
    place: &Url,
    answer: &Response<Bytes>,
    _: SystemTime,
    now: SystemTime,
) -> Result<Introspection> {
    let odd = |why: String| {
        Error::protocol(format!("{} answered {why}", shown(place)))
            .with_status(answer.status().as_u16())
            .with_advice("check that this is the URL of the introspection endpoint")
    };
    let silent = |with: &str| {
        odd(format!(
            "without saying whether the token is active: with {with}"
        ))
    };
    let members = accept(place, answer, now)?.ok_or_else(|| silent("something else than JSON"))?;
    if members.read::<bool>("active").is_none() {
        let fault = members.need("active").err();
        return Err(silent(fault.as_deref().unwrap_or("a text as `active`")));
    }
    // Each member may decide whether the token opens anything, so none is passed over.
    match members.any_fault() {
        Some(fault) => Err(odd(format!("about the token with {fault}"))),
        None => Ok(Introspection {
            members: members.into_map(),
        }),
    }
}
