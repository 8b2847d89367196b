//! [`retry_after`]: the pause that a server asks for.

use std::time::{Duration, SystemTime};

use http::HeaderMap;
use http::header::{DATE, RETRY_AFTER};

/// `Retry-After` in seconds or as a date (RFC 9110 §10.2.3), at most an hour. A date is counted from
/// the server's own `Date`, so that a wrong local clock does not matter.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match text.parse::<u64>() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) if text.bytes().all(|byte| byte.is_ascii_digit()) => LONGEST_PAUSE,
        // Some count parts of seconds.
        Err(_) if text.starts_with(|first: char| first.is_ascii_digit()) => {
            Duration::try_from_secs_f64(text.parse().ok()?).ok()?
        }
        Err(_) => {
            let until = httpdate::parse_http_date(text).ok()?;
            until
                .duration_since(date(headers).unwrap_or(now))
                .unwrap_or_default()
        }
    };
    Some(pause.min(LONGEST_PAUSE))
}

pub(crate) fn date(headers: &HeaderMap) -> Option<SystemTime> {
    httpdate::parse_http_date(headers.get(DATE)?.to_str().ok()?).ok()
}

/// The longest pause that a server can ask for.
const LONGEST_PAUSE: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_as_seconds_or_date_and_bounded() {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(784_111_777);
        for (text, seconds) in [
            ("7", 7),
            ("7.0", 7),
            ("1e9", 3600),
            ("99999999999999999999999", 3600),
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30),
            ("Sun, 06 Nov 1994 08:49:07 GMT", 0),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, text.parse().unwrap());
            assert_eq!(
                retry_after(&headers, now),
                Some(Duration::from_secs(seconds)),
                "{text}"
            );
        }
    }
}
