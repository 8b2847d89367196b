//! [`Unverified`]: what a token claims, for people to look at.

use std::fmt;

use serde_json::Value;

use crate::json::Object;
use crate::jws::{Compact, segment};
use crate::rejection::{Rejection, RejectionKind as Kind};

/// The header and the claims of a token whose signature nobody checked: anybody can write them. It is
/// another type than [`Verified`](crate::Verified), so that no decision can be made with it:
///
/// ```compile_fail
/// # fn example(rule: auth_verify::Rule, seen: auth_verify::Unverified) {
/// rule.check(&seen).unwrap();
/// # }
/// ```
#[derive(Clone)]
pub struct Unverified {
    header: Value,
    claims: Value,
}

impl Unverified {
    /// Decodes a token of at most 256 KiB.
    ///
    /// # Errors
    /// If it is no JWT that could be checked here.
    pub fn peek(token: &str) -> Result<Self, Rejection> {
        let compact = Compact::parse(token, 256 << 10)?;
        let read = |bytes| -> Option<Value> { Object::parse(bytes)?.read().ok() };
        let header = segment(token.split('.').next().unwrap_or_default())?;
        Ok(Self {
            header: read(header).ok_or(Kind::BadJson)?,
            claims: read(compact.payload()?).ok_or(Kind::BadJson)?,
        })
    }

    /// The header.
    pub fn header(&self) -> &Value {
        &self.header
    }

    /// The claims.
    pub fn claims(&self) -> &Value {
        &self.claims
    }
}

impl fmt::Debug for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unverified").finish_non_exhaustive()
    }
}
