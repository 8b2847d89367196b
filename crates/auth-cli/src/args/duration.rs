//! A length of time, as people write it.

use std::time::Duration;

use auth_core::clock::bound;
use humantime::DurationError;

/// A length of time, in seconds or with a unit.
pub(crate) fn duration(text: &str) -> Result<Duration, String> {
    if let Ok(seconds) = text.parse() {
        return Ok(bound::length(Duration::from_secs(seconds)));
    }
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(bound::LONGEST);
    }
    // humantime's months: whoever writes them for a token or an answer means minutes.
    if text.ends_with('M') {
        return Err("`M` would be months; write `m` for minutes".to_owned());
    }
    humantime::parse_duration(text)
        .map(bound::length)
        .map_err(|error| match error {
            DurationError::UnknownUnit { unit, .. } if !unit.is_empty() => {
                format!("`{unit}` is no unit; {EXAMPLES}")
            }
            DurationError::UnknownUnit { .. } => format!("its last number has no unit; {EXAMPLES}"),
            _ => EXAMPLES.to_owned(),
        })
}

/// A length of time that somebody waits at least.
pub(crate) fn wait(text: &str) -> Result<Duration, String> {
    match duration(text)? {
        Duration::ZERO => Err(format!("nothing is done in no time; {EXAMPLES}")),
        length => Ok(length),
    }
}

const EXAMPLES: &str = "write seconds, or for example 90s, 10m or 1h";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_number_is_seconds() {
        assert_eq!(duration("90"), Ok(Duration::from_secs(90)));
        assert_eq!(duration("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(duration("1h 30m"), Ok(Duration::from_secs(5400)));
    }

    #[test]
    fn what_is_no_length_of_time_is_told_from_what_nobody_means() {
        for (text, part) in [
            ("", "for example 90s"),
            ("soon", "for example 90s"),
            ("-1", "for example 90s"),
            ("5 parsecs", "`parsecs` is no unit"),
            ("1h30", "has no unit"),
            ("5M", "`m` for minutes"),
        ] {
            let said = duration(text).unwrap_err();
            assert!(said.contains(part), "{text}: {said}");
        }
        for none in ["0", "0s", "0 min"] {
            assert_eq!(duration(none), Ok(Duration::ZERO));
            assert!(wait(none).unwrap_err().contains("no time"), "{none}");
        }
        assert_eq!(wait("1ns"), Ok(Duration::from_nanos(1)));
    }

    #[test]
    fn no_length_of_time_is_longer_than_can_be_computed_with() {
        let long = [
            "18446744073709551615",
            "99999999999999999999999",
            "9223372036854775807s",
            "18446744073709551615s",
            "292277026596y",
        ];
        for text in long {
            assert_eq!(duration(text), Ok(bound::LONGEST), "{text}");
        }
    }
}
