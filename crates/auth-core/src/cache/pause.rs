//! Pauses: after failures in a row, and after refusals in a row.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

use crate::io::clock::Now;

/// Refusals by an API of tokens that were issued just now.
#[derive(Default)]
pub(super) struct Refusals {
    /// When the token at hand landed, by the monotonic clock.
    pub(super) landed: Duration,
    count: u32,
    pauses: Option<ExponentialBackoff>,
}

impl Refusals {
    /// The pause after the refusal of a token that landed a moment ago, from the second in a row on.
    pub(super) fn next(&mut self, now: Now) -> Option<Duration> {
        if now.monotonic.saturating_sub(self.landed) >= AT_ONCE {
            *self = Self::default();
            return None;
        }
        self.count = self.count.saturating_add(1);
        if self.count == 1 {
            return None;
        }
        let pause = self.pauses.get_or_insert_with(pauses).next();
        Some(pause.unwrap_or(LONGEST).max(AFTER_REFUSAL))
    }
}

/// Whoever was refused is refused again for a while.
pub(super) const AFTER_REFUSAL: Duration = Duration::from_secs(5);

pub(super) const LONGEST: Duration = Duration::from_secs(60);

/// A token that is refused sooner than that was never good for the API.
const AT_ONCE: Duration = Duration::from_secs(60);

/// Pauses after failures in a row: 1 s, 2 s, 4 s … up to 60 s, and up to as much again.
pub(super) fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_secs(1))
        .with_max_delay(LONGEST)
        .without_max_times()
        .with_jitter()
        .build()
}
