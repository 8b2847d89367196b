//! [`Flow`]: a request that lasts as long as something moves, either way.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};

use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::Clock;
use crate::io::http::Body;

/// Watches one request: it is over when nothing moved for so long.
#[derive(Clone)]
pub(super) struct Flow {
    clock: Arc<dyn Clock>,
    limit: Duration,
    place: String,
    /// When something moved last, in milliseconds of the monotonic clock.
    moved: Arc<AtomicU64>,
    /// Whether what is to be sent is waited for: then it is not the API that is silent.
    is_ours: Arc<AtomicBool>,
}

impl Flow {
    pub(super) fn new(clock: Arc<dyn Clock>, limit: Duration, place: String) -> Self {
        let flow = Self {
            clock,
            limit,
            place,
            moved: Arc::default(),
            is_ours: Arc::default(),
        };
        flow.moves();
        flow
    }

    fn now(&self) -> u64 {
        let now = self.clock.now().monotonic.as_millis();
        u64::try_from(now).unwrap_or(u64::MAX)
    }

    fn moves(&self) {
        self.moved.store(self.now(), Ordering::Relaxed);
    }

    /// Waits for `work`, as long as something moves.
    pub(super) async fn watch<T>(&self, work: impl Future<Output = Result<T>>) -> Result<T> {
        let silence = async {
            loop {
                let idle = self
                    .now()
                    .saturating_sub(self.moved.load(Ordering::Relaxed));
                let rest = self.limit.saturating_sub(Duration::from_millis(idle));
                if self.is_ours.load(Ordering::Relaxed) {
                    self.clock.sleep(self.limit).await;
                    continue;
                }
                if rest.is_zero() {
                    return;
                }
                self.clock.sleep(rest).await;
            }
        };
        tokio::select! {
            biased;
            outcome = work => outcome,
            () = silence => Err(self.silent()),
        }
    }

    fn silent(&self) -> Error {
        let seconds = self.limit.as_secs();
        Error::unavailable(format!("{} was silent for {seconds} s", self.place))
            .with_advice("try again later, or let it take longer")
    }

    /// What is sent, in pieces, so that each moves something.
    pub(super) fn sent(&self, body: Body) -> Body {
        match body.whole() {
            Some(bytes) if bytes.len() <= PIECE => body,
            Some(bytes) => Body::stream(Pieces {
                rest: bytes.clone(),
                flow: self.clone(),
            }),
            None => Body::stream(Moving {
                inner: body,
                flow: self.clone(),
            }),
        }
    }

    /// What is received: an error where it stops in the middle.
    pub(super) fn received(self, body: Body) -> Body {
        Body::stream(Received {
            inner: body,
            silence: None,
            flow: self,
        })
    }
}

/// How much is handed on at once.
const PIECE: usize = 64 << 10;

/// Bytes that are at hand.
struct Pieces {
    rest: Bytes,
    flow: Flow,
}

impl HttpBody for Pieces {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        self.flow.moves();
        if self.rest.is_empty() {
            return Poll::Ready(None);
        }
        let size = self.rest.len().min(PIECE);
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(size)))))
    }

    fn is_end_stream(&self) -> bool {
        self.rest.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.rest.len() as u64)
    }
}

/// Bytes that come from somewhere.
struct Moving {
    inner: Body,
    flow: Flow,
}

impl HttpBody for Moving {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        self.flow.moves();
        self.flow
            .is_ours
            .store(polled.is_pending(), Ordering::Relaxed);
        polled
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

struct Received {
    inner: Body,
    /// Runs while the next piece is waited for.
    silence: Option<BoxFuture<'static, ()>>,
    flow: Flow,
}

impl HttpBody for Received {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>>>> {
        let polled = Pin::new(&mut self.inner).poll_frame(context);
        if polled.is_ready() {
            self.silence = None;
            return polled;
        }
        let (clock, limit) = (self.flow.clock.clone(), self.flow.limit);
        let silence = self.silence.get_or_insert_with(|| clock.sleep(limit));
        match silence.as_mut().poll(context) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(()) => {
                self.silence = None;
                Poll::Ready(Some(Err(self.flow.silent())))
            }
        }
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
