//! [`State`]: what is known about the keys at one moment. It never changes; another one replaces it.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::Error;
use auth_core::clock::Now;

use super::key::Key;
use super::set::KeySet;
use crate::Algorithm;
use crate::jws::Compact;
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
    /// When it was last told.
    pub(super) told: Duration,
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

    /// Whether a failure is worth a word: the first one, and one now and then.
    pub(super) fn is_news(&self, now: Now) -> bool {
        let failing = self.failing.as_ref();
        failing.is_none_or(|failing| now.monotonic >= failing.told + SAID_AGAIN)
    }

    /// Whether a fetch may be tried now.
    pub(super) fn may_try(&self, now: Now) -> bool {
        let failing = self.failing.as_ref();
        failing.is_none_or(|failing| now.monotonic >= failing.next_try)
    }

    pub(super) fn find(
        &self,
        token: &Compact<'_>,
        algorithm: Algorithm,
        keep_removed: Duration,
        now: Now,
    ) -> Result<Arc<Key>, Kind> {
        let good = self.good.as_ref().ok_or(Kind::UnknownKey)?;
        let found = good.set.find(token, algorithm);
        if !matches!(found, Err(Kind::UnknownKey)) {
            return found;
        }
        let kept = good.earlier.iter();
        let mut kept = kept.filter(|(_, seen)| since(*seen, now) < keep_removed);
        kept.find_map(|(set, _)| set.find(token, algorithm).ok())
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

/// What a fetch brought.
pub(super) struct Fetched {
    pub(super) set: Arc<KeySet>,
    pub(super) life: Duration,
    pub(super) written: Option<SystemTime>,
}

/// The state after a fetch that worked; without `fetched` nothing has changed since the last one.
pub(super) fn succeeded(
    state: &State,
    fetched: Option<Fetched>,
    keep_removed: Duration,
    now: Now,
) -> State {
    let mut earlier = Vec::new();
    if let Some(good) = &state.good {
        earlier.clone_from(&good.earlier);
        earlier.retain(|(_, seen)| since(*seen, now) < keep_removed);
        if fetched.is_some() && keep_removed > Duration::ZERO {
            earlier.insert(0, (good.set.clone(), now));
            earlier.truncate(EARLIER);
        }
    }
    let good = match (fetched, &state.good) {
        (Some(fetched), _) => Some(Good {
            // 80 % of the life, give or take 10 %, so that servers do not ask in step.
            renew_at: fetched.life.mul_f64(0.7 + 0.2 * chance()),
            set: fetched.set,
            at: now,
            life: fetched.life,
            written: fetched.written,
            earlier,
        }),
        (None, Some(good)) => Some(Good {
            at: now,
            earlier,
            ..good.clone()
        }),
        (None, None) => None,
    };
    State {
        good,
        failing: None,
    }
}

/// The state after a fetch that did not work.
pub(super) fn failed(state: &State, error: &Error, is_news: bool, now: Now) -> State {
    let times = state.failing.as_ref().map_or(0, |failing| failing.times);
    let pause = Duration::from_secs(1 << times.min(5)).min(LONGEST_BACK_OFF);
    let pause = pause.mul_f64(1.0 + 0.2 * chance());
    let pause = pause.max(error.retry_after().unwrap_or_default());
    State {
        good: state
            .good
            .clone()
            .filter(|good| since(good.at, now) < LONGEST_TRUST),
        failing: Some(Failing {
            times: times + 1,
            next_try: now.monotonic + pause,
            error: error.clone(),
            told: match &state.failing {
                Some(failing) if !is_news => failing.told,
                _ => now.monotonic,
            },
        }),
    }
}

impl Failing {
    /// The error, with the time until the next try.
    pub(super) fn wait(&self, now: Now) -> Error {
        let pause = self.next_try.saturating_sub(now.monotonic);
        self.error
            .clone()
            .with_retry_after(pause.max(Duration::from_secs(1)))
    }
}

/// A number from 0 to 1.
fn chance() -> f64 {
    let mut byte = [0];
    // Without random bytes there is no jitter, which is all that they are for.
    let _ = aws_lc_rs::rand::fill(&mut byte);
    f64::from(byte[0]) / 255.0
}

/// How long until a failure that goes on is told again.
const SAID_AGAIN: Duration = Duration::from_secs(600);

const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);

/// How many sets before the current one are remembered.
const EARLIER: usize = 4;
