//! [`Observer`]: told of what happens to tokens behind a caller's back.

use std::fmt;
use std::time::SystemTime;

use crate::error::Error;
use crate::store::StoreKey;
use crate::token::RefreshToken;

/// The hook of a [`CachedSource`](crate::CachedSource). Every method has an empty default, is called
/// on the renewal's task, and must not block.
pub trait Observer: fmt::Debug + Send + Sync {
    /// The server replaced the refresh token, also one that was given from outside; the old one may be dead
    /// by now. Called after the new one was saved, or could not be.
    fn rotated(&self, key: &StoreKey, refresh: &RefreshToken) {
        let _ = (key, refresh);
    }

    /// The store could not be read or written. The tokens are handed out all the same. Called once
    /// until the store works again.
    fn store_failed(&self, key: &StoreKey, error: &Error) {
        let _ = (key, error);
    }

    /// Somebody else has this login's lock for longer than a moment, and we wait for them: while they ask a
    /// person, until `asking_until` at most. Called once for each wait.
    fn waiting(&self, key: &StoreKey, asking_until: Option<SystemTime>) {
        let _ = (key, asking_until);
    }
}
