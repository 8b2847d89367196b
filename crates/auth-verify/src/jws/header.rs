//! [`Header`]: what the header of a token says, and what it must not say.

use std::borrow::Cow;

use crate::json::{Json, Object};
use crate::rejection::RejectionKind as Kind;

/// The members that matter. `jku`, `jwk`, `x5u` and `x5c` do not: a key never comes with its token.
pub(crate) struct Header {
    pub(crate) algorithm: Box<str>,
    pub(crate) key_id: Option<Box<str>>,
    /// Without `application/`, as it was spelled.
    pub(crate) media_type: Option<Box<str>>,
    /// Microsoft Graph's tokens have one (and no other API can check them).
    pub(crate) has_nonce: bool,
}

impl Header {
    pub(super) fn read(members: &Object) -> Result<Self, Kind> {
        let algorithm = text(members, "alg")?.ok_or(Kind::BadHeader)?;
        let key_id = text(members, "kid")?;
        let media_type = text(members, "typ")?;
        let content = text(members, "cty")?;
        if members.has("crit") {
            return Err(Kind::CriticalHeader);
        }
        if members.has("b64") {
            return Err(Kind::UnencodedPayload);
        }
        if FOREIGN.iter().any(|name| members.has(name)) {
            return Err(Kind::NotASignature);
        }
        if key_id.as_ref().is_some_and(|id| id.len() > KEY_ID_LIMIT) {
            return Err(Kind::BadHeader);
        }
        if content.is_some_and(|content| bare(&content).eq_ignore_ascii_case("JWT")) {
            return Err(Kind::Encrypted);
        }
        Ok(Self {
            algorithm: algorithm.into(),
            key_id: key_id.map(Into::into),
            media_type: media_type.map(|name| bare(&name).into()),
            has_nonce: members.has("nonce"),
        })
    }
}

fn text<'a>(members: &'a Object, name: &str) -> Result<Option<Cow<'a, str>>, Kind> {
    let value = members.get(name).map(Json::text);
    match value {
        None => Ok(None),
        Some(Some(text)) => Ok(Some(text)),
        Some(None) => Err(Kind::BadHeader),
    }
}

/// A media type without the `application/` that may be left out (RFC 7515 §4.1.9).
fn bare(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.get(..PREFIX.len()) {
        Some(start) if start.eq_ignore_ascii_case(PREFIX) => &media_type[PREFIX.len()..],
        _ => media_type,
    }
}

/// The longest `kid`, in bytes.
pub(crate) const KEY_ID_LIMIT: usize = 256;

/// Members of encryption (RFC 7516, RFC 7518 §4) and compression.
const FOREIGN: [&str; 9] = ["zip", "enc", "epk", "apu", "apv", "iv", "tag", "p2s", "p2c"];
