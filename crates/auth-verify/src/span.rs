//! [`Span`]: when a token must have been good; and the time as tokens count it.

use std::time::{Duration, SystemTime};

/// A token must be good at a moment in it: mostly it is the moment at which the token is shown.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Span {
    /// It must not have ended by then.
    pub(crate) from: f64,
    /// It must have begun by then.
    pub(crate) to: f64,
}

impl Span {
    /// The moment `now`.
    pub(crate) fn at(now: SystemTime) -> Self {
        Self::between(now, now)
    }

    /// From `from` to `to`. A clock that was set back in between makes no difference.
    pub(crate) fn between(from: SystemTime, to: SystemTime) -> Self {
        Self {
            from: seconds(from),
            to: seconds(to.max(from)),
        }
    }
}

/// Seconds since the epoch, as tokens count.
fn seconds(time: SystemTime) -> f64 {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => since.as_secs_f64(),
        Err(before) => -before.duration().as_secs_f64(),
    }
}

/// The time of a claim. What lies beyond the year 9999 is the end of that year.
pub(crate) fn time(seconds: f64) -> SystemTime {
    let seconds = seconds.clamp(0.0, 253_402_300_799.0);
    SystemTime::UNIX_EPOCH + Duration::from_secs_f64(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_meanwhile_makes_no_difference() {
        let asked = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000);
        let span = Span::between(asked, asked - Duration::from_secs(300));
        assert_eq!((span.from, span.to), (1_000.0, 1_000.0));
        let span = Span::between(asked, asked + Duration::from_secs(300));
        assert_eq!((span.from, span.to), (1_000.0, 1_300.0));
    }
}
