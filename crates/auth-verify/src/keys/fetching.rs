//! [`Fetching`]: a fetch of keys in progress, why it is made, and what may come of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use auth_core::clock::Now;
use auth_core::{Error, ErrorKind, Result};

use super::state::{Age, State};
use crate::rejection::{Rejection, RejectionKind as Kind};

/// What has happened so far.
#[derive(Default)]
pub(super) struct Counts {
    pub(super) fetched: AtomicU64,
    pub(super) failed: AtomicU64,
    pub(super) limited: AtomicU64,
}

/// Why a fetch is wanted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Reason {
    /// There are no keys that could be used.
    Cold,
    /// They are to be renewed, and nobody waits.
    Due,
    /// A token names a key that is not among them.
    Unknown,
    /// Somebody wants them anew, however fresh they are.
    Asked,
}

/// The issuer was asked too often to be asked now.
pub(super) fn unasked(pause: Duration) -> Error {
    Error::unavailable(
        "the key is not among those at hand, and the issuer was asked too often just now",
    )
    .with_retry_after(pause.max(Duration::from_secs(1)))
}

/// What a missing key means for the request: that it is unknown, or that nobody can say.
pub(super) fn missing(error: Option<Error>) -> Rejection {
    match error {
        Some(error) => Rejection::unavailable(error),
        None => Kind::UnknownKey.into(),
    }
}

/// A fetch in progress, until it ends or dies with its runtime.
pub(super) struct Fetching(Arc<AtomicBool>);

impl Fetching {
    /// Says in `flag` that there is one.
    pub(super) fn begin(flag: Arc<AtomicBool>) -> Self {
        flag.store(true, Ordering::Relaxed);
        Self(flag)
    }
}

impl Drop for Fetching {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Relaxed);
    }
}

/// What a fetch that ended just before this one has settled.
pub(super) fn already(reason: Reason, state: &State, now: Now) -> Option<Result<()>> {
    match (reason, state.age(now)) {
        (Reason::Due, Age::Fresh) | (Reason::Cold, Age::Fresh | Age::Due) => Some(Ok(())),
        (Reason::Cold, Age::Gone) if !state.may_try(now) => {
            let failing = state.failing.as_ref()?;
            Some(Err(failing.wait(now)))
        }
        _ => None,
    }
}

/// Whether the same request may work at once.
pub(super) fn is_passing(error: &Error) -> bool {
    error.kind() == ErrorKind::Unavailable
        && error.status().is_none_or(|status| status >= 500)
        && error.retry_after().is_none()
}
