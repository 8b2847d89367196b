//! [`Header`]: what the header of a token says, and what it must not say.

use std::borrow::Cow;

use crate::json::{Json, Object};
use crate::rejection::RejectionKind as Kind;

/// The members of a header that is in order. `jku`, `jwk`, `x5u` and `x5c` have no say: a key never comes
/// with its token.
pub(crate) struct Header(Object);

impl Header {
    pub(super) fn read(members: Object) -> Result<Self, Kind> {
        text(&members, "alg")?.ok_or(Kind::BadHeader)?;
        let key_id = text(&members, "kid")?;
        text(&members, "typ")?;
        let content = text(&members, "cty")?;
        if members.has("crit") {
            return Err(Kind::CriticalHeader);
        }
        if members.has("b64") {
            return Err(Kind::UnencodedPayload);
        }
        if members.members().any(is_foreign) {
            return Err(Kind::NotASignature);
        }
        if key_id.is_some_and(|id| id.len() > KEY_ID_LIMIT) {
            return Err(Kind::BadHeader);
        }
        if content.is_some_and(|content| bare(&content).eq_ignore_ascii_case("JWT")) {
            return Err(Kind::Encrypted);
        }
        Ok(Self(members))
    }

    pub(crate) fn algorithm(&self) -> Cow<'_, str> {
        self.text("alg").unwrap_or_default()
    }

    pub(crate) fn key_id(&self) -> Option<Cow<'_, str>> {
        self.text("kid")
    }

    /// Whether the type is one of `names`, in any case and without `application/`. `None`: it has none.
    pub(crate) fn is_of_type(&self, names: &[&str]) -> Option<bool> {
        let media_type = self.text("typ")?;
        let named = bare(&media_type);
        Some(names.iter().any(|one| one.eq_ignore_ascii_case(named)))
    }

    /// Microsoft Graph's tokens have one (and no other API can check them).
    pub(crate) fn has_nonce(&self) -> bool {
        self.0.has("nonce")
    }

    fn text(&self, name: &str) -> Option<Cow<'_, str>> {
        self.0.get(name).and_then(Json::text)
    }
}

/// Whether a member is one of encryption or compression. PingAM (once ForgeRock's) says of each of its tokens that
/// nothing is compressed: `"zip":"NONE"`.
fn is_foreign((name, value): (&str, Json<'_>)) -> bool {
    let is_none = || value.text().is_some_and(|how| how == "NONE");
    FOREIGN.contains(&name) && !(name == "zip" && is_none())
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
