//! [`Answered`]: a body that may be none.

use std::pin::Pin;
use std::task::{Context, Poll};

use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

pin_project! {
    /// The body of an answer that comes through [`RequireToken`](crate::RequireToken): that of the service behind it, or the
    /// empty one of a refusal.
    #[derive(Clone, Debug)]
    pub struct Answered<B> {
        #[pin]
        body: Option<B>,
    }
}

impl<B> Answered<B> {
    pub(super) fn by_service(body: B) -> Self {
        let body = Some(body);
        Self { body }
    }

    pub(super) fn refused() -> Self {
        Self { body: None }
    }
}

impl<B: Body> Body for Answered<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        match self.project().body.as_pin_mut() {
            Some(body) => body.poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let none = SizeHint::with_exact(0);
        self.body.as_ref().map_or(none, Body::size_hint)
    }
}
