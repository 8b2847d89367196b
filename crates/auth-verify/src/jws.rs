//! [`Compact`]: a signed token in its compact form (RFC 7515 §7.1), taken apart strictly.

mod base64url;
mod header;

pub(crate) use header::{Header, KEY_ID_LIMIT};

use crate::json::Object;
use crate::rejection::RejectionKind as Kind;

/// A compact token whose form and header are in order. Nothing about it has been checked.
pub(crate) struct Compact<'t> {
    pub(crate) header: Header,
    signed: &'t str,
    payload: &'t str,
    signature: &'t str,
}

impl<'t> Compact<'t> {
    /// Takes `token` apart if it is no longer than `limit` bytes.
    pub(crate) fn parse(token: &'t str, limit: usize) -> Result<Self, Kind> {
        if token.len() > limit {
            return Err(Kind::TooLong);
        }
        let mut parts = token.split('.');
        let (Some(header), Some(payload), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(Kind::NotCompact);
        };
        match parts.take(3).count() {
            0 => {}
            2 => return Err(Kind::Encrypted),
            _ => return Err(Kind::NotCompact),
        }
        if header.is_empty() || signature.is_empty() {
            return Err(Kind::NotCompact);
        }
        let members = Object::parse(segment(header)?).ok_or(Kind::BadJson)?;
        Ok(Self {
            header: Header::read(members)?,
            signed: &token[..header.len() + 1 + payload.len()],
            payload,
            signature,
        })
    }

    /// Whether it has the form of a signed token, whatever is wrong with it: three parts, and the first is an object
    /// that names an algorithm.
    pub(crate) fn is_jwt(token: &str) -> bool {
        let mut parts = token.split('.');
        let (header, is_three) = (parts.next().unwrap_or_default(), parts.take(3).count() == 2);
        is_three
            && segment(header)
                .ok()
                .and_then(|header| serde_json::from_slice::<serde_json::Value>(&header).ok())
                .is_some_and(|header| header.get("alg").is_some())
    }

    /// What was signed: header and payload, as they came.
    pub(crate) fn signed(&self) -> &'t [u8] {
        self.signed.as_bytes()
    }

    pub(crate) fn payload(&self) -> Result<Vec<u8>, Kind> {
        segment(self.payload)
    }

    /// The signature, if it is `length` bytes long.
    pub(crate) fn signature(&self, length: usize) -> Result<Vec<u8>, Kind> {
        let signature = segment(self.signature)?;
        match signature.len() == length {
            true => Ok(signature),
            false => Err(Kind::BadSignature),
        }
    }
}

/// Strict base64url: its alphabet alone, no padding, no bits left over.
pub(crate) fn segment(part: &str) -> Result<Vec<u8>, Kind> {
    base64url::decoded(part).ok_or(Kind::BadEncoding)
}
