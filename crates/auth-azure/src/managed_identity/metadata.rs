//! What every request for a managed identity has.

use auth_core::http::Body;
use auth_core::{Error, Result};
use http::{HeaderName, Request};

pub(super) fn finished(request: http::request::Builder, body: Body) -> Result<Request<Body>> {
    request.body(body).map_err(|_| {
        Error::config("the endpoint of the managed identity can't be asked: it is no usable URL")
            .with_nothing_sent()
    })
}

/// Without it no metadata service answers: a request that somebody was tricked into has none.
pub(super) const METADATA: HeaderName = HeaderName::from_static("metadata");
