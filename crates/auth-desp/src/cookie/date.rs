//! Dates as cookies have them: in more shapes than HTTP's (RFC 6265 §5.1.1).

use std::time::{Duration, SystemTime};

/// The time that `text` says, whatever its order and separators; `None` if it says none.
pub(super) fn read(text: &str) -> Option<SystemTime> {
    let (mut time, mut day, mut month, mut year) = (None, None, None, None);
    for token in text.split(|c: char| !c.is_ascii_alphanumeric() && c != ':') {
        if time.is_none()
            && let Some(found) = clock(token)
        {
            time = Some(found);
        } else if day.is_none()
            && let Some(found) = number(token, 1..=2)
        {
            day = Some(found);
        } else if month.is_none()
            && let Some(found) = month_of(token)
        {
            month = Some(found);
        } else if year.is_none()
            && let Some(found) = number(token, 2..=4)
        {
            year = Some(match found {
                70..=99 => found + 1900,
                0..=69 => found + 2000,
                _ => found,
            });
        }
    }
    let ((hour, minute, second), day, month, year) = (time?, day?, month?, year?);
    if !(1..=31).contains(&day) || year < 1601 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let days = u64::try_from(days_since_epoch(year, month, day));
    // Before 1970 is over, however long.
    let Ok(days) = days else {
        return Some(SystemTime::UNIX_EPOCH);
    };
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

fn clock(token: &str) -> Option<(u64, u64, u64)> {
    let mut parts = token.split(':').map(|part| number(part, 1..=2));
    let time = (parts.next()??, parts.next()??, parts.next()??);
    parts.next().is_none().then_some(time)
}

fn number(token: &str, digits: std::ops::RangeInclusive<usize>) -> Option<u64> {
    let all = token.bytes().all(|byte| byte.is_ascii_digit());
    (all && digits.contains(&token.len())).then(|| token.parse().ok())?
}

fn month_of(token: &str) -> Option<u64> {
    let start = token.get(..3)?;
    let at = MONTHS
        .iter()
        .position(|month| month.eq_ignore_ascii_case(start))?;
    Some(at as u64 + 1)
}

/// In the Gregorian calendar, by whole eras of 400 years; a year begins in March here.
fn days_since_epoch(year: u64, month: u64, day: u64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year / 400, year % 400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    days.cast_signed() - 719_468
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
