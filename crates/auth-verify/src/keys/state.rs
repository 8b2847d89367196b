//! [`State`]: what is known about the keys at one moment. It never changes; another one replaces it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::{Error, Now};

use super::key::Key;
use super::set::KeySet;
use crate::Algorithm;
use crate::jws::Header;
use crate::rejection::RejectionKind as Kind;

#[derive(Clone, Default)]
pub(super) struct State {
    pub(super) good: Option<Good>,
    pub(super) failing: Option<Failing>,
}

/// The last set that was fetched.
#[derive(Clone)]
pub(super) struct Good {
    pub(super) set: Arc<KeySet>,
    pub(super) at: Now,
    pub(super) life: Duration,
    /// When the background fetch is due, as an age.
    pub(super) renew_at: Duration,
    pub(super) written: Option<SystemTime>,
    /// Sets before it, and when they were last published.
    pub(super) earlier: Vec<(Arc<KeySet>, Now)>,
}

/// Fetches fail since then.
#[derive(Clone)]
pub(super) struct Failing {
    pub(super) times: u32,
    pub(super) next_try: Duration,
    pub(super) error: Error,
}

/// How good the keys at hand are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Age {
    Fresh,
    /// Good, and due to be renewed in the background.
    Due,
    /// Past their life; believed on while the issuer does not answer.
    Stale,
    /// None, or too old.
    Gone,
}

impl State {
    pub(super) fn age(&self, now: Now) -> Age {
        let Some(good) = &self.good else {
            return Age::Gone;
        };
        match since(good.at, now) {
            age if age >= LONGEST_TRUST => Age::Gone,
            age if age >= good.life => Age::Stale,
            age if age >= good.renew_at => Age::Due,
            _ => Age::Fresh,
        }
    }

    /// Whether a fetch may be tried now.
    pub(super) fn may_try(&self, now: Now) -> bool {
        let failing = self.failing.as_ref();
        failing.is_none_or(|failing| now.monotonic >= failing.next_try)
    }

    pub(super) fn find(
        &self,
        header: &Header,
        algorithm: Algorithm,
        keep_removed: Duration,
        now: Now,
    ) -> Result<Arc<Key>, Kind> {
        let good = self.good.as_ref().ok_or(Kind::UnknownKey)?;
        let found = good.set.find(header, algorithm);
        if !matches!(found, Err(Kind::UnknownKey)) {
            return found;
        }
        let kept = good.earlier.iter();
        let mut kept = kept.filter(|(_, seen)| since(*seen, now) < keep_removed);
        kept.find_map(|(set, _)| set.find(header, algorithm).ok())
            .ok_or(Kind::UnknownKey)
    }
}

/// How long ago `then` was, by the clock that says more: one of them may have stood still.
pub(super) fn since(then: Now, now: Now) -> Duration {
    let wall = now.wall.duration_since(then.wall).unwrap_or_default();
    wall.max(now.monotonic.saturating_sub(then.monotonic))
}

/// How long keys are believed when the issuer does not answer.
pub(super) const LONGEST_TRUST: Duration = Duration::from_secs(86_400);
