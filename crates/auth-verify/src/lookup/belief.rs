//! [`Belief`]: for how long an answer is believed.

use std::time::{Duration, SystemTime};

use auth_core::clock::Now;

/// Until then, by each of two clocks: one of them may be set back, the other one may stand still.
#[derive(Clone, Copy)]
pub(super) struct Belief {
    wall: SystemTime,
    monotonic: Duration,
}

impl Belief {
    /// For `most`, and no longer than until `end`.
    pub(super) fn new(now: Now, most: Duration, end: Option<SystemTime>) -> Self {
        let wall = now.wall + most;
        Self {
            wall: end.map_or(wall, |end| end.min(wall)),
            monotonic: now.monotonic + most,
        }
    }

    pub(super) fn holds(&self, now: Now) -> bool {
        now.wall < self.wall && now.monotonic < self.monotonic
    }
}
