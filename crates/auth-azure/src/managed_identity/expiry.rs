//! When a token ends, in every way in which these services have said so.

use std::time::SystemTime;

use serde_json::{Map, Value};

/// Puts the life of a token into the form that all token endpoints use: `expires_in` as a number where it can be read, and else
/// `expires_on` in seconds since 1970. What can't be read stays as it is.
pub(super) fn settle(members: &mut Map<String, Value>) {
    let is_number = |value: &Value| match value {
        Value::String(text) => text.trim().parse::<f64>().is_ok(),
        other => other.is_number(),
    };
    if members
        .get("expires_in")
        .is_some_and(|life| !is_number(life))
        && members.contains_key("expires_on")
    {
        members.remove("expires_in");
    }
    let Some(Value::String(text)) = members.get("expires_on") else {
        return;
    };
    let end = date(text).and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok());
    if let Some(end) = end {
        members.insert("expires_on".to_owned(), end.as_secs().into());
    }
}

/// A date as in RFC 3339, or as old versions of App Service have it: `1/16/2020 12:0:12 AM +00:00`.
fn date(text: &str) -> Option<SystemTime> {
    let text = text.trim();
    let utc = text.strip_suffix("+00:00").unwrap_or(text).trim_end();
    let utc = utc.strip_suffix('Z').unwrap_or(utc);
    match utc.contains('/') {
        true => humantime::parse_rfc3339_weak(&american(utc)?).ok(),
        false => humantime::parse_rfc3339_weak(utc).ok(),
    }
}

/// `M/d/yyyy h:m:s` and, mostly, `AM` or `PM`, in another order.
fn american(text: &str) -> Option<String> {
    let mut words = text.split_ascii_whitespace();
    let (date, time, half) = (words.next()?, words.next()?, words.next());
    let [month, day, year] = numbers(date, '/')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let hour = match half {
        None => hour,
        // Seen in the documentation: half past midnight is written 00:30:00 PM there.
        Some("AM" | "am") => hour % 12,
        Some("PM" | "pm") if hour < 12 && hour > 0 => hour + 12,
        Some("PM" | "pm") => hour,
        Some(_) => return None,
    };
    Some(format!(
        "{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}"
    ))
}

fn numbers(text: &str, separator: char) -> Option<[u32; 3]> {
    let parts = text.split(separator).map(|part| part.parse().ok());
    parts.collect::<Option<Vec<u32>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_each_of_its_forms() {
        let seconds = |text: &str| {
            let end = date(text)?.duration_since(SystemTime::UNIX_EPOCH);
            Some(end.unwrap().as_secs())
        };
        for (text, expected) in [
            ("1/16/2020 12:0:12 AM +00:00", 1_579_132_812),
            ("1/16/2020 5:24:12 AM +00:00", 1_579_152_252),
            ("01/16/2020 05:24:12 PM +00:00", 1_579_195_452),
            ("1/16/2020 12:24:12 PM", 1_579_177_452),
            ("09/14/2017 00:00:00 PM +00:00", 1_505_347_200),
            ("9/14/2017 23:00:00 +00:00", 1_505_430_000),
            ("2020-01-16T05:24:12Z", 1_579_152_252),
            ("2020-01-16T05:24:12+00:00", 1_579_152_252),
            ("2020-01-16 05:24:12.5Z", 1_579_152_252),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in [
            "",
            "tomorrow",
            "1/16/2020",
            "13/16/2020 1:1:1 AM",
            "1/16/2020 1:1 AM",
            "1/16/2020 1:1:1 XM",
            "1/16/2020 25:1:1 PM",
            "2020-01-16T05:24:12+02:00",
            "4294967296/1/1 1:1:1",
        ] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
