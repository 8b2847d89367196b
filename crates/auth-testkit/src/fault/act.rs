//! [`Act`]: what a fault does to an answer.

mod gzip;

use std::fmt;
use std::time::{Duration, SystemTime};

use http::header::LOCATION;
use http::{HeaderValue, StatusCode};
use serde_json::Value;
use url::Url;

use crate::answer::Answer;
use crate::delivery::{Break, Pace};

#[derive(Clone)]
pub(super) enum Act {
    Answer(Answer),
    Break(Break),
    Date { ahead: Duration, behind: Duration },
    Edit(String, Option<Value>),
    Forge(String),
    Gzip,
    Pace(Pace),
    Parameter(String, Option<String>),
    Status(StatusCode),
    Text(String, String),
    Truncate,
}

impl Act {
    /// Spoils `answer`, which is given at `now`. What is left to do: the date that it says, and how it travels.
    pub(super) fn spoil(
        self,
        answer: &mut Answer,
        now: SystemTime,
    ) -> Result<(SystemTime, Pace), Break> {
        let mut date = now;
        let mut pace = Pace::Whole;
        match self {
            Self::Answer(other) => *answer = other,
            Self::Break(failure) => return Err(failure),
            Self::Date { ahead, behind } => date = now + ahead - behind,
            Self::Edit(name, value) => edit(answer, &name, value),
            Self::Forge(name) => forge(answer, &name),
            Self::Gzip => gzip::compress(answer),
            Self::Parameter(name, value) => send_elsewhere(answer, &name, value.as_deref()),
            Self::Pace(other) => pace = other,
            Self::Status(status) => *answer.status_mut() = status,
            Self::Text(from, to) => {
                let text = String::from_utf8_lossy(answer.body()).replace(&from, &to);
                *answer.body_mut() = text.into();
            }
            Self::Truncate => {
                let half = answer.body().len() / 2;
                answer.body_mut().truncate(half);
            }
        }
        Ok((date, pace))
    }
}

impl fmt::Debug for Act {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Answer(answer) => write!(f, "status {}", answer.status().as_u16()),
            Self::Break(failure) => write!(f, "{failure:?}"),
            Self::Date { .. } => f.write_str("Date"),
            Self::Edit(name, _) => write!(f, "member {name:?}"),
            Self::Forge(name) => write!(f, "forged {name:?}"),
            Self::Gzip => f.write_str("gzip"),
            Self::Parameter(name, _) => write!(f, "parameter {name:?}"),
            Self::Pace(pace) => write!(f, "{pace:?}"),
            Self::Status(status) => write!(f, "as {}", status.as_u16()),
            Self::Text(from, _) => write!(f, "without {from:?}"),
            Self::Truncate => f.write_str("Truncate"),
        }
    }
}

/// Changes the last character but one of the token: those bits are all in the signature.
fn forge(answer: &mut Answer, name: &str) {
    let Ok(Value::Object(members)) = serde_json::from_slice(answer.body()) else {
        return;
    };
    let Some(token) = members.get(name).and_then(Value::as_str) else {
        return;
    };
    let Some((at, old)) = token.char_indices().rev().nth(1) else {
        return;
    };
    let new = if old == 'A' { "B" } else { "A" };
    let forged = format!("{}{new}{}", &token[..at], &token[at + old.len_utf8()..]);
    edit(answer, name, Some(forged.into()));
}

fn send_elsewhere(answer: &mut Answer, name: &str, value: Option<&str>) {
    let location = answer.headers().get(LOCATION);
    let Some(mut url) = location
        .and_then(|location| location.to_str().ok())
        .and_then(|location| Url::parse(location).ok())
    else {
        return;
    };
    let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let mut query = url.query_pairs_mut();
    query.clear();
    for (key, old) in &pairs {
        match value {
            _ if key != name => query.append_pair(key, old),
            Some(new) => query.append_pair(key, new),
            None => &mut query,
        };
    }
    drop(query);
    if let Ok(location) = HeaderValue::try_from(url.as_str()) {
        answer.headers_mut().insert(LOCATION, location);
    }
}

fn edit(answer: &mut Answer, name: &str, value: Option<Value>) {
    let Ok(Value::Object(mut members)) = serde_json::from_slice(answer.body()) else {
        return;
    };
    match value {
        Some(value) => members.insert(name.to_owned(), value),
        None => members.remove(name),
    };
    *answer.body_mut() = Value::Object(members).to_string().into();
}
