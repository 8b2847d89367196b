//! [`Verdict`]: what became of a token, for scripts.

use auth_core::Result;
use auth_verify::{Rejection, Verified};
use serde::Serialize;
use serde_json::{Map, Value};

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
pub(super) struct Verdict {
    accepted: bool,
    rejection: Option<&'static str>,
    reason: Option<String>,
    roles: Vec<String>,
    claims: Option<Map<String, Value>>,
}

impl Verdict {
    /// Of a token that is good.
    pub(super) fn accepted(caller: &Verified) -> Result<Self> {
        Ok(Self {
            accepted: true,
            rejection: None,
            reason: None,
            roles: caller.roles().iter().map(str::to_owned).collect(),
            claims: Some(caller.claims()?),
        })
    }

    /// Of one that is not.
    pub(super) fn refused(rejection: &Rejection) -> Self {
        Self {
            accepted: false,
            rejection: Some(rejection.kind().name()),
            reason: Some(rejection.to_string()),
            roles: Vec::new(),
            claims: None,
        }
    }
}
