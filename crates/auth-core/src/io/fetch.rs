//! [`Io::fetch`]: a request, a bound, a deadline.

use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT_ENCODING, HeaderValue};
use http::{Request, Response};
use url::Url;

use super::address::shown;
use crate::error::{Error, ErrorKind, Result};
use crate::io::Io;
use crate::io::clock::bound;
use crate::io::http::{ANSWER_LIMIT, Body, read};

impl Io {
    /// Sends `request` and reads the whole answer, both within `deadline` and within [`ANSWER_LIMIT`]. The
    /// answer is handed back whatever its status, its text in UTF-8 where a byte order mark says what it is.
    ///
    /// # Errors
    /// Those of the [`HttpClient`](crate::http::HttpClient); `Unavailable` after the deadline, when the request
    /// may have arrived; `Protocol` for an answer that is too long, or compressed, which nobody asked for.
    pub async fn fetch(
        &self,
        mut request: Request<Body>,
        deadline: Duration,
    ) -> Result<Response<Bytes>> {
        let deadline = bound::length(deadline);
        let place = Url::parse(&request.uri().to_string());
        let plain = HeaderValue::from_static("identity");
        request
            .headers_mut()
            .entry(ACCEPT_ENCODING)
            .or_insert(plain);
        let exchange = async {
            let answer = self.http().send(request).await?;
            let read = read(answer, ANSWER_LIMIT).await;
            read.map_err(|error| match (error.kind(), &place) {
                (ErrorKind::Protocol, Ok(place)) => error.context(shown(place)),
                _ => error,
            })
        };
        tokio::select! {
            biased;
            answer = exchange => answer,
            () = self.clock().sleep(deadline) => {
                let place = place.as_ref().map_or_else(|_| "the server".to_owned(), shown);
                Err(Error::unavailable(format!("{place} took longer than {} s", deadline.as_secs()))
                    .with_advice("check the network and try again later"))
            }
        }
    }
}
