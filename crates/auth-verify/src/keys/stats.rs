//! [`KeyStats`]: what a key set has been through.

use std::time::Duration;

use super::set::KeySet;

/// What has happened to the keys of an issuer so far.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeyStats {
    /// Fetches that worked.
    pub fetched: u64,
    /// Fetches that failed.
    pub failed: u64,
    /// Tokens with an unknown key for which nobody was asked, because the limit was reached.
    pub limited: u64,
    /// Keys that can be used.
    pub keys: usize,
    /// Entries of the set that can't.
    pub left_out: usize,
    /// How long ago the last fetch worked.
    pub age: Option<Duration>,
}

impl KeyStats {
    pub(super) fn of(set: &KeySet) -> Self {
        Self {
            fetched: 0,
            failed: 0,
            limited: 0,
            keys: set.len(),
            left_out: set.left_out(),
            age: None,
        }
    }
}
