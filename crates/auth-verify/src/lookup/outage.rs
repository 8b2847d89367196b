//! [`Outage`]: for how long a server that does not answer is left alone.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use auth_core::{Error, ErrorKind, Result};

use super::explained::is_about_token;
use crate::rejection::Rejection;

/// The failures since the last answer.
#[derive(Default)]
pub(super) struct Outage(ArcSwapOption<Failing>);

struct Failing {
    times: u32,
    next_try: Duration,
    told: Duration,
    error: Error,
}

impl Outage {
    /// Whether it may be asked at `now`, by the monotonic clock.
    pub(super) fn ensure_over(&self, now: Duration) -> Result<(), Rejection> {
        match &*self.0.load() {
            Some(failing) if now < failing.next_try => {
                let error = failing.error.clone();
                Err(Rejection::unavailable(
                    error.with_retry_after(failing.next_try - now),
                ))
            }
            _ => Ok(()),
        }
    }

    /// Notes what came of asking.
    pub(super) fn note<T>(&self, outcome: &Result<T>, now: Duration) {
        let failing = self.0.load_full();
        let Err(error) = outcome else {
            if failing.is_some() {
                self.0.store(None);
                tracing::info!("the issuer can be asked about tokens again");
            }
            return;
        };
        if is_about_token(error) {
            return;
        }
        let is_news = failing
            .as_ref()
            .is_none_or(|one| now >= one.told + SAID_AGAIN);
        match error.kind() {
            _ if !is_news => {}
            ErrorKind::Config | ErrorKind::Refused => {
                tracing::error!(%error, "no other try will tell whether tokens are good");
            }
            _ => tracing::warn!(%error, "the issuer can't be asked about tokens"),
        }
        let times = failing.as_ref().map_or(0, |one| one.times);
        // Those who asked at the same time failed for the same reason.
        let is_same = failing.as_ref().is_some_and(|one| now < one.next_try);
        let pause = Duration::from_secs(1 << times.min(5)).min(LONGEST_PAUSE);
        let pause = pause.max(error.retry_after().unwrap_or_default().min(LONGEST_WISH));
        if !is_same {
            self.0.store(Some(Arc::new(Failing {
                times: times + 1,
                next_try: now + pause,
                told: match &failing {
                    Some(one) if !is_news => one.told,
                    _ => now,
                },
                error: error.clone(),
            })));
        }
    }
}

const LONGEST_PAUSE: Duration = Duration::from_secs(30);
const LONGEST_WISH: Duration = Duration::from_secs(300);
const SAID_AGAIN: Duration = Duration::from_secs(600);
