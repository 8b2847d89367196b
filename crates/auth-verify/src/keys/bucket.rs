//! [`Bucket`]: how often a stranger can make us ask.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// Two tokens, and one more every 30 seconds. Without a lock.
#[derive(Default)]
pub(super) struct Bucket {
    /// When the bucket will be full again, in milliseconds of the monotonic clock.
    full_at: AtomicU64,
}

impl Bucket {
    /// Whether a token is left at `now`; takes none.
    pub(super) fn has_token(&self, now: Duration) -> bool {
        next(self.full_at.load(Ordering::Relaxed), millis(now)).is_some()
    }

    /// Takes a token at `now`, if one is left.
    pub(super) fn take(&self, now: Duration) -> bool {
        let now = millis(now);
        self.full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
                next(full_at, now)
            })
            .is_ok()
    }

    /// Gives the last token back: what was asked for was there.
    pub(super) fn give_back(&self) {
        let _ = self
            .full_at
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |full_at| {
                full_at.checked_sub(REFILL)
            });
    }

    /// How long until there is a token again.
    pub(super) fn wait(&self, now: Duration) -> Duration {
        let (full_at, now) = (self.full_at.load(Ordering::Relaxed), millis(now));
        Duration::from_millis((full_at + REFILL).saturating_sub(now + TOKENS * REFILL))
    }
}

fn next(full_at: u64, now: u64) -> Option<u64> {
    let next = full_at.max(now) + REFILL;
    (next - now <= TOKENS * REFILL).then_some(next)
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX / 2)
}

const TOKENS: u64 = 2;

/// Milliseconds until one token comes back.
const REFILL: u64 = 30_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_at_once_and_one_more_every_thirty_seconds() {
        let bucket = Bucket::default();
        let at = |seconds: u64| Duration::from_secs(seconds);
        let taken: Vec<_> = [0, 0, 0, 29, 30, 30, 59, 60, 200, 200, 200]
            .map(|seconds| bucket.has_token(at(seconds)) && bucket.take(at(seconds)))
            .into();
        assert_eq!(
            taken,
            [
                true, true, false, false, true, false, false, true, true, true, false
            ]
        );
    }
}
