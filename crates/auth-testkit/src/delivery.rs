//! How an answer travels.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::http::Body;
use auth_core::{BoxFuture, Error};
use bytes::Bytes;
use http::header::CONTENT_LENGTH;
use http::{HeaderValue, Response, StatusCode};
use http_body::Frame;

use crate::answer::Answer;

/// An answer on its way, or what comes instead.
pub(crate) struct Delivery {
    delay: Duration,
    outcome: Result<(Answer, Pace), Break>,
}

/// In which pieces a body travels.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Pace {
    /// Half of it, then the connection breaks.
    Cut,
    /// A byte after each pause.
    Drip(Duration),
    /// With so many blanks after it.
    Padded(usize),
    /// In one piece.
    Whole,
}

/// Why there is no answer.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Break {
    /// There was no connection.
    Refused,
    /// The connection broke after the request was sent.
    Reset,
}

impl Delivery {
    pub(crate) fn new(delay: Duration, answer: Answer, pace: Pace) -> Self {
        Self {
            delay,
            outcome: Ok((answer, pace)),
        }
    }

    pub(crate) fn broken(delay: Duration, failure: Break) -> Self {
        Self {
            delay,
            outcome: Err(failure),
        }
    }

    /// Waits as long as the answer takes, by `clock`.
    pub(crate) async fn arrive(self, clock: &Arc<dyn Clock>) -> Result<Response<Body>, Break> {
        if !self.delay.is_zero() {
            clock.sleep(self.delay).await;
        }
        let (mut answer, pace) = self.outcome?;
        let says_length = answer.status() != StatusCode::NO_CONTENT; // RFC 9110 §8.6
        if says_length && !matches!(pace, Pace::Padded(_)) {
            let length = HeaderValue::from(answer.body().len());
            answer.headers_mut().insert(CONTENT_LENGTH, length);
        }
        Ok(answer.map(|bytes| match pace {
            Pace::Whole => Body::from(bytes),
            Pace::Cut => {
                Body::stream(Pieces::new(bytes.slice(..bytes.len() / 2), clock).breaking())
            }
            Pace::Drip(pause) => Body::stream(Pieces::new(bytes, clock).with_pause(pause)),
            Pace::Padded(blanks) => Body::stream(Pieces::new(bytes, clock).with_blanks(blanks)),
        }))
    }
}

impl fmt::Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Refused => "the connection was refused",
            Self::Reset => "the connection was reset",
        })
    }
}

impl std::error::Error for Break {}

/// A body in pieces.
struct Pieces {
    rest: Bytes,
    blanks: usize,
    breaks: bool,
    clock: Arc<dyn Clock>,
    pause: Option<Duration>,
    waiting: Option<BoxFuture<'static, ()>>,
}

impl Pieces {
    fn new(bytes: Bytes, clock: &Arc<dyn Clock>) -> Self {
        Self {
            rest: bytes,
            blanks: 0,
            breaks: false,
            clock: clock.clone(),
            pause: None,
            waiting: None,
        }
    }

    fn breaking(self) -> Self {
        Self {
            breaks: true,
            ..self
        }
    }

    fn with_blanks(self, blanks: usize) -> Self {
        Self { blanks, ..self }
    }

    fn with_pause(self, pause: Duration) -> Self {
        Self {
            pause: Some(pause),
            ..self
        }
    }

    /// The next piece that needs no waiting.
    fn piece(&mut self) -> Option<Result<Bytes, Error>> {
        if !self.rest.is_empty() {
            let size = self.pause.map_or(self.rest.len(), |_| 1);
            return Some(Ok(self.rest.split_to(size)));
        }
        if self.blanks > 0 {
            let size = self.blanks.min(BLANKS.len());
            self.blanks -= size;
            return Some(Ok(Bytes::from_static(&BLANKS[..size])));
        }
        let breaks = std::mem::take(&mut self.breaks);
        breaks.then(|| Err(Error::unavailable("the connection broke in the middle")))
    }
}

impl http_body::Body for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        if let Some(pause) = self.pause
            && !self.rest.is_empty()
        {
            let clock = self.clock.clone();
            let wait = self.waiting.get_or_insert_with(|| clock.sleep(pause));
            ready!(wait.as_mut().poll(context));
            self.waiting = None;
        }
        Poll::Ready(self.piece().map(|piece| piece.map(Frame::data)))
    }
}

static BLANKS: [u8; 65_536] = [b' '; 65_536];
