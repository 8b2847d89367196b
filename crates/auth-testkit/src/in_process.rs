//! The way to the server without a socket.

use auth_core::http::{Body, HttpClient, is_link_local, may_carry_secrets};
use auth_core::{BoxFuture, Error, Result};
use http::{Request, Response};
use url::Url;

use crate::delivery::Break;
use crate::server::Server;

impl HttpClient for Server {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string()).map_err(|_| {
                Error::config("the request has no absolute URL").with_nothing_sent()
            })?;
            if !may_travel(&url) {
                return Err(
                    Error::config("the request is neither https nor to a place nearby")
                        .with_nothing_sent(),
                );
            }
            let (head, body) = request.into_parts();
            let body = body.bytes(UPLOAD_LIMIT).await?;
            self.receive(Request::from_parts(head, body), url)
                .arrive(self.clock())
                .await
                .map_err(|failure| {
                    let error = Error::unavailable(failure.to_string())
                        .with_advice("check the URL and the network, then try again");
                    match failure {
                        Break::Refused => error.with_nothing_sent(),
                        Break::Reset => error,
                    }
                })
        })
    }
}

/// The most that a request may carry: 16 MiB.
pub(crate) const UPLOAD_LIMIT: usize = 16 << 20;

/// As the real clients: plain http to loopback, and to link-local, where a machine's metadata service is.
fn may_travel(url: &Url) -> bool {
    may_carry_secrets(url) || (url.scheme() == "http" && is_link_local(url))
}
