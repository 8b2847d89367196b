//! [`Claims`]: what an ID token says, read without its signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde::de::DeserializeOwned;

/// The claims that decide whether an ID token is for us (OpenID Connect Core §2). All that must be there
/// must be readable, whatever this crate was built for.
#[derive(Deserialize)]
#[cfg_attr(
    not(feature = "person"),
    expect(dead_code, reason = "some are judged at a login only")
)]
pub(super) struct Claims {
    pub(super) iss: String,
    pub(super) sub: String,
    pub(super) aud: Audience,
    pub(super) azp: Option<String>,
    pub(super) exp: f64,
    pub(super) iat: f64,
    pub(super) nonce: Option<String>,
    pub(super) at_hash: Option<String>,
    pub(super) sid: Option<String>,
    pub(super) preferred_username: Option<String>,
    pub(super) email: Option<String>,
    /// The tenant of an issuer that has several.
    pub(super) tid: Option<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Audience {
    /// Whom it names.
    pub(super) fn names(&self) -> &[String] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Several(all) => all,
        }
    }
}

/// The header that says how the token is signed.
#[cfg(feature = "person")]
#[derive(Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
}

impl Claims {
    /// `None` if `token` is no signed token with these claims.
    pub(super) fn of(token: &str) -> Option<Self> {
        part(token, 1)
    }
}

#[cfg(feature = "person")]
impl Header {
    pub(super) fn of(token: &str) -> Option<Self> {
        part(token, 0)
    }
}

fn part<T: DeserializeOwned>(token: &str, index: usize) -> Option<T> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, _, _] = parts[..] else { return None };
    let bytes = URL_SAFE_NO_PAD.decode(parts[index]).ok()?;
    serde_json::from_slice(&bytes).ok()
}
