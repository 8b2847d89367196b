//! [`Claims`]: what an ID token says, read without its signature.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::io::Members;

/// The claims that decide whether an ID token is for us (OpenID Connect Core §2). All that decide and are there
/// must be readable, whatever this crate was built for; what only tells more is absent where it can't be read.
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
pub(super) struct Header {
    pub(super) alg: String,
}

impl Claims {
    /// The claims of `token`. The error says what is wrong with it, to stand after “the ID token”.
    pub(super) fn of(token: &str) -> Result<Self, String> {
        let said = part(token, 1)?;
        let with = |fault: String| format!("comes with {fault}");
        let need = |name| said.need(name).map_err(with);
        // What is there decides, so it is never passed over.
        let text = |name| match said.has(name) {
            true => said
                .read::<String>(name)
                .ok_or_else(|| with(fault(&said, name)))
                .map(Some),
            false => Ok(None),
        };
        let time = |name| {
            said.read::<f64>(name)
                .ok_or_else(|| with(fault(&said, name)))
        };
        let audience = said.read("aud").ok_or_else(|| with(fault(&said, "aud")));
        Ok(Self {
            iss: need("iss")?,
            sub: need("sub")?,
            aud: audience?,
            azp: text("azp")?,
            exp: time("exp")?,
            iat: time("iat")?,
            nonce: text("nonce")?,
            at_hash: text("at_hash")?,
            sid: said.text("sid"),
            preferred_username: said.text("preferred_username"),
            email: said.text("email"),
            tid: text("tid")?,
        })
    }
}

#[cfg(feature = "person")]
impl Header {
    pub(super) fn of(token: &str) -> Result<Self, String> {
        let said = part(token, 0)?;
        let alg = said
            .need("alg")
            .map_err(|fault| format!("has a header with {fault}"))?;
        Ok(Self { alg })
    }
}

fn fault(said: &Members, name: &str) -> String {
    said.fault(name).unwrap_or_else(|| format!("no `{name}`"))
}

fn part(token: &str, index: usize) -> Result<Members, String> {
    let parts: Vec<&str> = token.split('.').collect();
    let [_, _, _] = parts[..] else {
        return Err("is no signed token: it does not have three parts".to_owned());
    };
    let bytes = URL_SAFE_NO_PAD.decode(parts[index]).ok();
    let said = bytes.and_then(|bytes| Members::parse(&bytes));
    said.ok_or_else(|| "is no signed token: it does not hold JSON".to_owned())
}
