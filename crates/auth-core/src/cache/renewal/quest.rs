//! [`Quest`]: what a renewal is for.

use crate::error::Error;
use crate::session::Need;

/// What one run is for: a need, or a glance into the store while a failure is remembered.
#[derive(Clone, Debug)]
pub(in crate::cache) struct Quest {
    pub(in crate::cache) need: Need,
    /// What the server said last, if it is not to be asked again yet.
    pub(in crate::cache) remembered: Option<Error>,
}

impl Quest {
    pub(in crate::cache) fn of(need: Need) -> Self {
        let remembered = None;
        Self { need, remembered }
    }

    pub(in crate::cache) fn glance(need: Need, error: Error) -> Self {
        let remembered = Some(error);
        Self { need, remembered }
    }

    /// Whether it only looks into the store.
    pub(in crate::cache) fn is_glance(&self) -> bool {
        self.remembered.is_some()
    }

    /// Whether what this one ends in answers `other` too.
    pub(in crate::cache) fn covers(&self, other: &Self) -> bool {
        self.is_glance() == other.is_glance() && self.need.covers(&other.need)
    }
}
