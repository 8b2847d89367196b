//! [`Unused`]: published keys that are not used, for whoever wonders why their token's key is none.

use auth_core::error::Untrusted;

use crate::json::{Json, Object};
use crate::jws::KEY_ID_LIMIT;

/// Each by its id, if it has one, and why it is not used.
#[derive(Default)]
pub(super) struct Unused(Vec<(Option<String>, &'static str)>);

impl Unused {
    pub(super) fn push(&mut self, entry: Option<&Object>, why: &'static str) {
        let id = entry
            .and_then(|entry| entry.get("kid"))
            .and_then(Json::text);
        let id = id.filter(|id| id.len() <= KEY_ID_LIMIT);
        self.0.push((id.map(Into::into), why));
    }

    /// Those of `other` come after these.
    pub(super) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// All of them, with ids that can be shown.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Option<String>, &'static str)> {
        let shown = |id: &String| Untrusted::new(id).with_limit(64).to_string();
        self.0
            .iter()
            .map(move |(id, why)| (id.as_ref().map(shown), *why))
    }

    /// Why the key called `id` is not used, if it is one of the first.
    pub(super) fn reason(&self, id: &str) -> Option<&'static str> {
        let named = self.0.iter().find(|(own, _)| own.as_deref() == Some(id));
        named.map(|(_, why)| *why)
    }

    /// No more of them than a set can have keys.
    pub(super) fn truncate(&mut self, most: usize) {
        self.0.truncate(most);
        self.0.shrink_to_fit();
    }
}
