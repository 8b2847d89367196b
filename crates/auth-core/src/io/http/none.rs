//! [`NoNetwork`]: for what needs no network.

use http::{Request, Response};

use super::{Body, HttpClient};
use crate::error::{Error, Result};
use crate::future::BoxFuture;

/// Sends nothing: the [`HttpClient`] of a part that should need none, which a mistake then shows.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoNetwork;

impl NoNetwork {
    /// No way out.
    pub const fn new() -> Self {
        Self
    }
}

impl HttpClient for NoNetwork {
    /// Always `Config`, and nothing is sent.
    fn send(&self, _: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(std::future::ready(Err(Error::config(
            "a request was to be sent where there is no network",
        )
        .with_advice("give an `Io` with an `HttpClient`")
        .with_nothing_sent())))
    }
}
