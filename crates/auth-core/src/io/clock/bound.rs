//! The bounds of time. What enters, as an argument, in an answer or in a stored entry, is clamped to them, so
//! that no sum overflows and every time can be written down.

use std::time::{Duration, SystemTime};

/// The longest length of time that anything here computes with: a hundred years.
pub const LONGEST: Duration = Duration::from_secs(100 * 365 * 86_400);

/// `time`, or [`LONGEST`] if that is shorter.
pub fn length(time: Duration) -> Duration {
    time.min(LONGEST)
}

/// `time`, or the nearest one from the year 1970 to 9999: what RFC 3339 can write and tokens can hold.
pub fn time(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + since.min(LAST),
        Err(_) => SystemTime::UNIX_EPOCH,
    }
}

/// The time that lies so many seconds after the beginning of 1970, within the same bounds.
pub fn since_epoch(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds).min(LAST)
}

/// How many whole seconds `time` lies after the beginning of 1970; none for a time before.
pub fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// 9999-12-31T23:59:59Z, since the epoch.
const LAST: Duration = Duration::from_secs(253_402_300_799);

#[cfg(test)]
mod tests {
    use super::*;

    const EPOCH: SystemTime = SystemTime::UNIX_EPOCH;

    // Windows knows times from 1601 to 30828 only.
    const PAST: u64 = if cfg!(windows) { 1 << 33 } else { 1 << 62 };
    const FUTURE: u64 = if cfg!(windows) { 1 << 39 } else { 1 << 62 };

    #[test]
    fn every_time_is_brought_between_1970_and_9999_and_those_that_are_stay() {
        let far = EPOCH + Duration::from_secs(FUTURE);
        let before = EPOCH - Duration::new(PAST, 1);
        assert_eq!((time(far), time(before)), (EPOCH + LAST, EPOCH));
        let exact = EPOCH + Duration::new(1_700_000_000, 123_456_789);
        for good in [EPOCH, exact, EPOCH + LAST] {
            assert_eq!(time(good), good);
        }
        assert_eq!(time(EPOCH - Duration::from_nanos(1)), EPOCH);
        for seconds in [u64::MAX, 99_999_999_999_999_999] {
            assert_eq!(since_epoch(seconds), EPOCH + LAST);
        }
        assert_eq!(since_epoch(0), EPOCH);
    }

    #[test]
    fn what_is_bounded_can_be_added_and_taken_away() {
        for span in [Duration::ZERO, Duration::from_nanos(1), Duration::MAX] {
            for seconds in [0, 1, u64::MAX] {
                let _ = (since_epoch(seconds) + length(span)) - length(span);
                let _ = length(span) + length(span) * 4;
            }
        }
    }
}
