//! A word in the session's lock: which refresh token was sent, until what came of it is kept.

use std::sync::atomic::Ordering;

use super::Held;
use crate::error::Error;
use crate::store::StoreLock;
use crate::token::RefreshToken;

impl Held {
    /// Whether `refresh` was sent before, and what the server answered was never kept: it may have been replaced by one
    /// that nobody has.
    pub(crate) fn is_in_doubt(&self, refresh: &RefreshToken) -> bool {
        let left = self.lock.as_ref().and_then(|lock| lock.left());
        left.is_some_and(|left| left == word(&refresh.fingerprint().name()))
    }

    /// Writes down that the refresh token of that name is sent now.
    pub(crate) async fn sends(&self, name: &str) {
        if let Some(lock) = &self.lock
            && !self.sends.swap(true, Ordering::AcqRel)
        {
            lock.leave(Some(&word(name))).await;
        }
    }

    /// Takes that back where `error` says that the server did not replace it. What was in doubt before stays so.
    pub(crate) async fn failed(&self, error: &Error) {
        let is_known = !error.may_have_arrived() || is_answer(error);
        if is_known && let Some(lock) = &self.lock {
            self.takes_back(lock, lock.left()).await;
        }
    }

    /// Takes it back: what came of it is kept.
    pub(crate) async fn settle(&self) {
        if let Some(lock) = &self.lock {
            self.takes_back(lock, None).await;
        }
    }

    async fn takes_back(&self, lock: &StoreLock, word: Option<&str>) {
        if self.sends.swap(false, Ordering::AcqRel) {
            lock.leave(word).await;
        }
    }
}

/// Whether the server itself said no.
fn is_answer(error: &Error) -> bool {
    let is_refused = error
        .status()
        .is_some_and(|status| (400..500).contains(&status));
    is_refused || error.code().is_some()
}

fn word(name: &str) -> String {
    format!("sent {name}")
}
