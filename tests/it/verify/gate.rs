//! [`Gate`]: a verifier, and whoever signs in its issuer's name.

use auth_verify::{Bearer, RejectionKind, Verified, Verifier};
use serde_json::{Value, json};

use super::forge::Forge;
use super::{assert_accepted, assert_refused, check, merged};

/// A verifier of one issuer, whose tokens say what is `usual` there, but for what a test changes.
pub(super) struct Gate {
    pub(super) forge: Forge,
    pub(super) checks: Verifier,
    usual: fn() -> Value,
}

impl Gate {
    pub(super) fn new(forge: Forge, checks: Verifier, usual: fn() -> Value) -> Self {
        Self {
            forge,
            checks,
            usual,
        }
    }

    /// A token of the issuer's.
    pub(super) fn token(&self, changes: Value) -> String {
        self.forge.token(&merged((self.usual)(), changes))
    }

    #[track_caller]
    pub(super) fn accepts(&self, changes: Value) -> Verified {
        assert_accepted(&self.checks, &self.token(changes))
    }

    #[track_caller]
    pub(super) fn refuses(&self, changes: Value, kind: RejectionKind) {
        assert_refused(&self.checks, &self.token(changes), kind);
    }

    /// What is said to whoever looks why it was refused.
    pub(super) fn hint(&self, changes: Value) -> String {
        let token = self.token(changes);
        let outcome = self.checks.verify_at_hand(Bearer::new(&token)).unwrap();
        outcome.unwrap_err().hint().unwrap_or_default().to_owned()
    }

    /// What comes of a claim as JSON text, for values that `serde_json` does not write.
    pub(super) fn raw(&self, name: &str, value: &str) -> Result<(), RejectionKind> {
        let claims = merged((self.usual)(), json!({ name: null })).to_string();
        let claims = format!("{},\"{name}\":{value}}}", claims.strip_suffix('}').unwrap());
        check(&self.checks, &self.forge.of_payload(claims)).map(drop)
    }
}
