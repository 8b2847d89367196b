//! [`Body`]: bytes, or a stream of them.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::SizeHint;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use sync_wrapper::SyncWrapper;

use crate::error::{Error, Result};

/// The body of a request or an answer: bytes, or a stream of them.
pub struct Body {
    inner: SyncWrapper<UnsyncBoxBody<Bytes, Error>>,
    pub(super) whole: Option<Bytes>,
    /// As far as it is known from the start.
    size: SizeHint,
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        let none = Empty::new().map_err(|never| match never {});
        Self {
            inner: SyncWrapper::new(none.boxed_unsync()),
            whole: Some(Bytes::new()),
            size: SizeHint::with_exact(0),
        }
    }

    /// A body from anything that streams.
    pub fn stream<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error = Error> + Send + 'static,
    {
        Self {
            size: body.size_hint(),
            inner: SyncWrapper::new(body.boxed_unsync()),
            whole: None,
        }
    }

    /// The bytes, where they are at hand and no stream.
    pub(crate) fn whole(&self) -> Option<&Bytes> {
        self.whole.as_ref()
    }

    /// The next piece, or `None` at the end. Bytes that are no longer wanted need not be read.
    ///
    /// # Errors
    /// Whatever the client reports when the connection breaks.
    pub async fn chunk(&mut self) -> Option<Result<Bytes>> {
        loop {
            match self.inner.get_mut().frame().await? {
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Some(Ok(data));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The whole body, if it is not longer than `limit` bytes.
    ///
    /// # Errors
    /// `Protocol` if it is longer, or whatever the client reports.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await {
            let chunk = chunk?;
            if whole.len() + chunk.len() > limit {
                return Err(
                    Error::protocol(format!("the answer is longer than {limit} bytes"))
                        .with_advice("check the URL: what belongs there is shorter"),
                );
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    /// A second body with the same bytes, or `None` for a stream, which can be sent only once.
    pub fn try_clone(&self) -> Option<Self> {
        self.whole.clone().map(Self::from)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let full = Full::new(bytes.clone()).map_err(|never| match never {});
        Self {
            inner: SyncWrapper::new(full.boxed_unsync()),
            size: SizeHint::with_exact(bytes.len() as u64),
            whole: Some(bytes),
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>>>> {
        Pin::new(self.inner.get_mut()).poll_frame(context)
    }

    fn size_hint(&self) -> SizeHint {
        self.size
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.whole.as_ref().map(Bytes::len);
        f.debug_struct("Body")
            .field("size", &size)
            .finish_non_exhaustive()
    }
}
