//! [`Drift`]: how far the server's clock is from ours.

use std::time::{Duration, SystemTime};

/// How far the server's clock is from ours, as far as its `Date` shows: the least that explains the two.
/// Codes are made for the server's time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Drift(Way);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Way {
    #[default]
    None,
    Ahead(Duration),
    Behind(Duration),
}

impl Drift {
    /// What the header `Date` (RFC 9110 §6.6.1) of an answer shows whose request was `sent` and which was
    /// `received` at these times of ours. One that can't be read shows nothing.
    pub fn seen(date: &str, sent: SystemTime, received: SystemTime) -> Self {
        let Ok(date) = httpdate::parse_http_date(date.trim()) else {
            return Self::default();
        };
        // The server's clock showed `date` or up to a second more, at some time between the two of ours.
        let latest = date.checked_add(SECOND).unwrap_or(date);
        Self(
            match (date.duration_since(received), sent.duration_since(latest)) {
                (Ok(ahead), _) if !ahead.is_zero() => Way::Ahead(ahead),
                (_, Ok(behind)) if !behind.is_zero() => Way::Behind(behind),
                _ => Way::None,
            },
        )
    }

    /// The server's time when ours is `now`.
    pub fn server_time(self, now: SystemTime) -> SystemTime {
        let there = match self.0 {
            Way::None => Some(now),
            Way::Ahead(by) => now.checked_add(by),
            Way::Behind(by) => now.checked_sub(by),
        };
        there.unwrap_or(now)
    }
}

const SECOND: Duration = Duration::from_secs(1);
