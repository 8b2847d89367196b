//! [`Grant`]: to whom tokens are given.

use serde_json::Value;

use super::application::EntraApplication;
use super::credential::Proof;
use super::tenant::EntraTenant;
use crate::user::User;

/// To whom tokens are given, and in whose name.
pub(super) struct Grant<'a> {
    pub(super) tenant: &'a EntraTenant,
    pub(super) client: &'a EntraApplication,
    pub(super) proof: Proof,
    /// The person, and their session; without one it is the application itself.
    pub(super) person: Option<(&'a User, String)>,
    /// The claims request that came with it.
    pub(super) asked: Option<Value>,
}

impl Grant<'_> {
    /// Whether the program knows what to do when an API refuses a token before its end.
    pub(super) fn is_evaluated_continuously(&self) -> bool {
        let asked = self.asked.as_ref();
        let values = asked.and_then(|asked| asked["access_token"]["xms_cc"]["values"].as_array());
        let mut values = values.into_iter().flatten().filter_map(Value::as_str);
        values.any(|value| value.eq_ignore_ascii_case("cp1"))
    }
}
