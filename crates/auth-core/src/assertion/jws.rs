//! The two JSON texts of an assertion, and the signature over them. The order of the fields is that of
//! other libraries, so that results can be compared byte by byte.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde::Serialize;
use serde_json::Value;

use crate::assertion::SigningKey;
use crate::error::{Error, Result};

/// The compact serialization (RFC 7515 §3.1) of `claims`, signed by `key`.
pub(super) fn compact(key: &SigningKey, claims: &Claims<'_>) -> Result<SecretString> {
    let signer = key.known()?;
    let header = Header {
        alg: signer.algorithm().name(),
        kid: key.id(),
        typ: "JWT",
        thumbprint: key.thumbprint(),
        chain: key.chain(),
    };
    let message = format!("{}.{}", part(&header)?, part(claims)?);
    let signature = URL_SAFE_NO_PAD.encode(signer.sign(message.as_bytes())?);
    Ok(SecretString::from(format!("{message}.{signature}")))
}

fn part(of: &impl Serialize) -> Result<String> {
    serde_json::to_vec(of)
        .map(|json| URL_SAFE_NO_PAD.encode(json))
        .map_err(|_| Error::config("the assertion can't be written as JSON"))
}

#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl fmt::Display for Audience {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::One(one) => f.write_str(one),
            Self::Many(many) => f.write_str(&many.join(" ")),
        }
    }
}

#[derive(Serialize)]
struct Header<'a> {
    alg: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'a str>,
    typ: &'static str,
    #[serde(rename = "x5t#S256", skip_serializing_if = "Option::is_none")]
    thumbprint: Option<&'a str>,
    #[serde(rename = "x5c", skip_serializing_if = "Option::is_none")]
    chain: Option<&'a [String]>,
}

#[derive(Serialize)]
pub(super) struct Claims<'a> {
    pub(super) iat: u64,
    pub(super) exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) aud: Option<&'a Audience>,
    pub(super) iss: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sub: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) scope: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jti: Option<String>,
    #[serde(flatten)]
    pub(super) more: &'a BTreeMap<String, Value>,
}
