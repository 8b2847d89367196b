//! Times and spans as people read them.

use std::time::{Duration, SystemTime};

use auth_core::clock::bound;

/// RFC 3339, UTC, whole seconds. Years end with 9999.
pub(crate) fn rfc3339(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(bound::time(time)).to_string()
}

/// Whole seconds from `now` to `end`; none after it.
pub(crate) fn seconds_left(now: SystemTime, end: SystemTime) -> u64 {
    end.duration_since(now).unwrap_or_default().as_secs()
}

/// A span in its two biggest units.
pub(crate) fn span(length: Duration) -> String {
    const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let mut rest = length.as_secs();
    let first = UNITS
        .iter()
        .position(|(size, _)| rest >= *size)
        .unwrap_or(3);
    let mut parts = Vec::new();
    for (size, unit) in UNITS.iter().skip(first).take(2) {
        if rest >= *size {
            parts.push(format!("{} {unit}", rest / size));
        }
        rest %= size;
    }
    if parts.is_empty() {
        return "0 s".to_owned();
    }
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_time_can_be_written() {
        // Windows knows times from 1601 to 30828 only.
        let [past, future] = match cfg!(windows) {
            true => [1 << 33, 1 << 39],
            false => [1 << 62; 2],
        };
        let epoch = SystemTime::UNIX_EPOCH;
        let (past, future) = (
            epoch - Duration::from_secs(past),
            epoch + Duration::from_secs(future),
        );
        assert_eq!(rfc3339(future), "9999-12-31T23:59:59Z");
        assert_eq!(rfc3339(past), "1970-01-01T00:00:00Z");
        let _ = (span(Duration::MAX), seconds_left(past, future));
    }

    #[test]
    fn a_span_is_told_in_its_two_biggest_units() {
        let cases = [
            (3599, "59 min 59 s"),
            (3600, "1 h"),
            (90_061, "1 d 1 h"),
            (5, "5 s"),
            (0, "0 s"),
        ];
        for (seconds, told) in cases {
            assert_eq!(span(Duration::from_secs(seconds)), told);
        }
    }
}
