//! A request that takes its time.

use auth_core::error::Untrusted;
use auth_core::http::{Body, HttpClient};
use auth_core::{BoxFuture, Result};
use http::{Request, Response};
use http_body::Body as _;

use super::{Watched, shown};

impl<T: HttpClient> HttpClient for Watched<T> {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        let host = request.uri().host().unwrap_or("the server");
        let host = Untrusted::new(host).with_limit(100).to_string();
        // What a pipe or a person gives us bit by bit takes as long as they do.
        let is_at_hand = request.body().size_hint().exact().is_some();
        let answer = self.0.send(request);
        match is_at_hand {
            true => Box::pin(async move { shown(&host, answer).await }),
            false => answer,
        }
    }
}
