//! [`HttpClient`]: the one way out to the network.

mod body;
mod default;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use url::{Host, Url};

pub use body::Body;
pub use default::DefaultHttpClient;

use crate::{BoxFuture, Error, Io, Result};

/// The most that anything which parses an answer will read: 1 MiB.
pub const ANSWER_LIMIT: usize = 1 << 20;

/// Sends one request and gives back the answer with its body still streaming.
///
/// An implementation follows no redirect, adds no credentials, and refuses plain `http` except to
/// loopback. Its errors are `Unavailable`, and say with [`Error::with_nothing_sent`] when the request
/// certainly did not arrive. Safe for concurrent use.
pub trait HttpClient: fmt::Debug + Send + Sync {
    /// Sends `request`. Completes when the head of the answer is there.
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>>;
}

/// Sends `request` and reads the whole answer, both within `deadline` and within [`ANSWER_LIMIT`].
pub(crate) async fn fetch(
    io: &Io,
    request: Request<Body>,
    deadline: Duration,
) -> Result<Response<Bytes>> {
    let place = Url::parse(&request.uri().to_string());
    let exchange = async {
        let (head, body) = io.http().send(request).await?.into_parts();
        Ok(Response::from_parts(head, body.bytes(ANSWER_LIMIT).await?))
    };
    tokio::select! {
        biased;
        answer = exchange => answer,
        () = io.clock().sleep(deadline) => {
            let place = place.as_ref().map_or_else(|_| "the server".to_owned(), shown);
            Err(Error::unavailable(format!("{place} took longer than {} s", deadline.as_secs()))
                .with_advice("check the network and try again later"))
        }
    }
}

/// A URL as messages show it: without user, password, query and fragment.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    if url
        .set_username("")
        .and_then(|()| url.set_password(None))
        .is_err()
    {
        return format!("{}:…", url.scheme());
    }
    crate::Untrusted::new(url.as_str()).to_string()
}

/// Whether the host is a loopback address or `localhost`, by its text alone.
pub(crate) fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shown_url_has_neither_query_nor_password() {
        let url = Url::parse("https://u:p@a.b/c?code=1#f").unwrap();
        assert_eq!(shown(&url), "https://a.b/c");
    }
}
