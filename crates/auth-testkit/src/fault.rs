//! [`Fault`]: what goes wrong with an answer.

mod act;

use std::fmt;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, DATE, LOCATION, RETRY_AFTER};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde_json::{Value, json};

use crate::answer::{self, Answer};
use crate::delivery::{Break, Delivery, Pace};

use self::act::Act;

/// Something that goes wrong with one answer, or with several.
///
/// Faults are queued per path with [`Server::fault`](crate::Server::fault), and each spoils the next
/// request to its path. A fault that replaces the answer leaves the request undone, unless it says
/// [`after_commit`](Self::after_commit); one that spoils the answer (a delay, a cut) comes after the
/// server did its work.
///
/// ```
/// # use std::time::Duration;
/// # use auth_testkit::{Fault, Server, TestClock};
/// let server = Server::new(TestClock::new());
/// server.fault("/token", Fault::status(503).with_retry_after(Duration::from_secs(2)).times(2));
/// server.fault("/token", Fault::reset().after_commit()); // the third request
/// ```
#[derive(Clone)]
pub struct Fault {
    act: Act,
    delay: Duration,
    commits: bool,
    repeats: Option<usize>,
    headers: HeaderMap,
}

impl Fault {
    /// The answer comes late. What it says was true when the request arrived.
    pub fn delay(time: Duration) -> Self {
        Self::spoiling(Act::Pace(Pace::Whole)).with_delay(time)
    }

    /// An empty answer with this status.
    ///
    /// # Panics
    /// If there is no such status.
    pub fn status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status of three digits");
        Self::replacing(Act::Answer(answer::of_status(status)))
    }

    /// An OAuth error (RFC 6749 §5.2) with this status; some servers answer 200 with an error.
    ///
    /// # Panics
    /// If there is no such status.
    pub fn refusal(status: u16, error: &str) -> Self {
        let body = json!({ "error": error }).to_string();
        Self::status(status).with_body("application/json", body)
    }

    /// A page for people, the way a proxy or a maintenance server answers everything.
    ///
    /// # Panics
    /// If there is no such status.
    pub fn html(status: u16) -> Self {
        let page = "<!DOCTYPE html><html><body><h1>Please come back later</h1></body></html>";
        Self::status(status).with_body("text/html; charset=utf-8", page)
    }

    /// A redirect to `location`.
    ///
    /// # Panics
    /// If there is no such status, or if `location` can't stand in a header.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status).with_header(LOCATION.as_str(), location)
    }

    /// The connection is refused: nothing was sent, and nothing is recorded.
    ///
    /// On a socket the connection is closed instead, because it was accepted long ago, and the client
    /// can't know that nothing happened. Drop [`Listening`](crate::Listening) to really refuse it.
    pub fn refused() -> Self {
        Self::replacing(Act::Break(Break::Refused))
    }

    /// The connection breaks before the server did anything, but after the request was sent. With
    /// [`after_commit`](Self::after_commit) the server did its work and its answer is lost.
    pub fn reset() -> Self {
        Self::replacing(Act::Break(Break::Reset))
    }

    /// Half of the answer's body, as if that were all of it.
    pub fn truncated() -> Self {
        Self::spoiling(Act::Truncate)
    }

    /// Half of the answer's body, then the connection breaks.
    pub fn cut() -> Self {
        Self::spoiling(Act::Pace(Pace::Cut))
    }

    /// One byte of the answer's body after each `pause`.
    pub fn drip(pause: Duration) -> Self {
        Self::spoiling(Act::Pace(Pace::Drip(pause)))
    }

    /// The answer's body with so many blanks after it, of unannounced length.
    pub fn huge(blanks: usize) -> Self {
        Self::spoiling(Act::Pace(Pace::Padded(blanks)))
    }

    /// The JSON answer with one member set to `value`.
    pub fn member(name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self::spoiling(Act::Edit(name.into(), Some(value.into())))
    }

    /// The JSON answer without one of its members.
    pub fn without(name: impl Into<String>) -> Self {
        Self::spoiling(Act::Edit(name.into(), None))
    }

    /// The JSON answer whose member `name` is a JWT, with another signature.
    pub fn forged(name: impl Into<String>) -> Self {
        Self::spoiling(Act::Forge(name.into()))
    }

    /// A redirect whose address has another value of a parameter, such as `iss` (RFC 9207): without any, it lacks it.
    pub fn parameter(name: impl Into<String>, value: Option<&str>) -> Self {
        Self::spoiling(Act::Parameter(name.into(), value.map(str::to_owned)))
    }

    /// The answer's body compressed (`Content-Encoding: gzip`), whether or not anybody can read that.
    pub fn gzip() -> Self {
        Self::spoiling(Act::Gzip)
    }

    /// The answer's body with `to` wherever it has `from`: pages in another language, or with other addresses.
    pub fn text(from: impl Into<String>, to: impl Into<String>) -> Self {
        Self::spoiling(Act::Text(from.into(), to.into()))
    }

    /// The answer under another status, such as 303 instead of 302.
    ///
    /// # Panics
    /// If there is no such status.
    pub fn as_status(status: u16) -> Self {
        let status = StatusCode::from_u16(status).expect("a status of HTTP");
        Self::spoiling(Act::Status(status))
    }

    /// The answer's `Date` header is ahead of the server's clock.
    pub fn date_ahead(ahead: Duration) -> Self {
        let behind = Duration::ZERO;
        Self::spoiling(Act::Date { ahead, behind })
    }

    /// The answer's `Date` header is behind the server's clock.
    pub fn date_behind(behind: Duration) -> Self {
        let ahead = Duration::ZERO;
        Self::spoiling(Act::Date { ahead, behind })
    }

    /// The fault also comes late.
    #[must_use]
    pub fn with_delay(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }

    /// Adds a header to the answer.
    ///
    /// # Panics
    /// If the name or the value can't stand in a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        let name = HeaderName::try_from(name).expect("the name of a header");
        let value = HeaderValue::try_from(value).expect("the value of a header");
        self.headers.append(name, value);
        self
    }

    /// Adds a `Retry-After` header in seconds.
    #[must_use]
    pub fn with_retry_after(self, pause: Duration) -> Self {
        self.with_header(RETRY_AFTER.as_str(), &pause.as_secs().to_string())
    }

    /// Adds a `Retry-After` header with a date.
    #[must_use]
    pub fn with_retry_at(self, time: SystemTime) -> Self {
        self.with_header(RETRY_AFTER.as_str(), &httpdate::fmt_http_date(time))
    }

    /// Gives the answer that replaces the true one a body. Without effect on other faults.
    #[must_use]
    pub fn with_body(mut self, media_type: &'static str, body: impl Into<Bytes>) -> Self {
        if let Act::Answer(answer) = &mut self.act {
            *answer.body_mut() = body.into();
            let media_type = HeaderValue::from_static(media_type);
            answer.headers_mut().insert(CONTENT_TYPE, media_type);
        }
        self
    }

    /// The server does its work first: it issues, rotates and forgets as if nothing were wrong.
    #[must_use]
    pub fn after_commit(self) -> Self {
        Self {
            commits: true,
            ..self
        }
    }

    /// Spoils so many requests instead of one.
    #[must_use]
    pub fn times(self, times: usize) -> Self {
        Self {
            repeats: Some(times),
            ..self
        }
    }

    /// Spoils every request until the faults are cleared.
    #[must_use]
    pub fn always(self) -> Self {
        Self {
            repeats: None,
            ..self
        }
    }

    fn replacing(act: Act) -> Self {
        Self {
            act,
            delay: Duration::ZERO,
            commits: false,
            repeats: Some(1),
            headers: HeaderMap::new(),
        }
    }

    fn spoiling(act: Act) -> Self {
        Self::replacing(act).after_commit()
    }

    /// Whether the server never sees the request.
    pub(crate) fn hides(&self) -> bool {
        matches!(self.act, Act::Break(Break::Refused))
    }

    /// How many requests it spoils; all of them without a number.
    pub(crate) fn repeats(&self) -> Option<usize> {
        self.repeats
    }

    /// Whether the server does its work.
    pub(crate) fn commits(&self) -> bool {
        self.commits
    }

    /// What becomes of the true answer.
    pub(crate) fn spoil(self, answer: Answer, now: SystemTime) -> Delivery {
        let mut answer = answer;
        let (date, pace) = match self.act.spoil(&mut answer, now) {
            Ok(spoiled) => spoiled,
            Err(failure) => return Delivery::broken(self.delay, failure),
        };
        answer.headers_mut().extend(self.headers);
        if let Ok(date) = HeaderValue::try_from(httpdate::fmt_http_date(date.max(EPOCH))) {
            answer.headers_mut().entry(DATE).or_insert(date);
        }
        Delivery::new(self.delay, answer, pace)
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fault")
            .field("act", &self.act)
            .field("delay", &self.delay)
            .field("commits", &self.commits)
            .field("repeats", &self.repeats)
            .finish_non_exhaustive()
    }
}

/// HTTP knows no date before it.
const EPOCH: SystemTime = SystemTime::UNIX_EPOCH;
