//! [`Act`]: what a fault does to an answer.

use std::fmt;
use std::time::{Duration, SystemTime};

use http::StatusCode;
use serde_json::Value;

use crate::answer::Answer;
use crate::delivery::{Break, Pace};

#[derive(Clone)]
pub(super) enum Act {
    Answer(Answer),
    Break(Break),
    Date { ahead: Duration, behind: Duration },
    Edit(String, Option<Value>),
    Pace(Pace),
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
            Self::Pace(pace) => write!(f, "{pace:?}"),
            Self::Status(status) => write!(f, "as {}", status.as_u16()),
            Self::Text(from, _) => write!(f, "without {from:?}"),
            Self::Truncate => f.write_str("Truncate"),
        }
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
