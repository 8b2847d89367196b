//! [`Audience`]: for whom a token is.

use std::collections::BTreeSet;

use serde_json::Value;

/// For whom a token is.
#[derive(Clone, Default)]
pub(crate) struct Audience {
    /// Whom somebody asked for.
    named: Vec<String>,
    /// Whom it is for where nobody was asked for.
    usual: Vec<String>,
}

impl Audience {
    /// For those whom somebody asked for, or else for the usual ones.
    pub(crate) fn new(mut named: Vec<String>, usual: Vec<String>) -> Self {
        let mut seen = BTreeSet::new();
        named.retain(|name| seen.insert(name.clone()));
        Self { named, usual }
    }

    /// For fewer of them (RFC 8707 §2.2), if `wanted` names any; for others only where nobody was asked for yet. `None` if
    /// that can't be.
    pub(crate) fn narrowed(self, wanted: Vec<String>) -> Option<Self> {
        if wanted.is_empty() {
            return Some(self);
        }
        let granted = |name| self.named.is_empty() || self.named.contains(name);
        let is_granted = wanted.iter().all(granted);
        is_granted.then(|| Self::new(wanted, self.usual))
    }

    /// The claim (RFC 7519 §4.1.3): one alone is a text.
    pub(crate) fn claim(&self) -> Value {
        match self.names() {
            [only] => only.as_str().into(),
            several => several.into(),
        }
    }

    pub(crate) fn is(&self, name: &str) -> bool {
        self.names() == [name]
    }

    fn names(&self) -> &[String] {
        match &self.named[..] {
            [] => &self.usual,
            named => named,
        }
    }
}

/// Whether a claim is about `name`, alone or among others.
pub(crate) fn names(claim: &Value, name: &str) -> bool {
    match claim.as_array() {
        Some(several) => several.iter().any(|one| one == name),
        None => claim == name,
    }
}
