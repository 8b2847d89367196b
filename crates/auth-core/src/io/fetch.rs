//! [`Io::fetch`]: a request, a bound, a deadline.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use url::Url;

use super::address::shown;
use crate::error::{Error, Result};
use crate::io::Io;
use crate::io::clock::bound;
use crate::io::http::{ANSWER_LIMIT, Body};

impl Io {
    /// Sends `request` and reads the whole answer, both within `deadline` and within [`ANSWER_LIMIT`]. The
    /// answer is handed back whatever its status.
    ///
    /// # Errors
    /// Those of the [`HttpClient`](crate::http::HttpClient); `Unavailable` after the deadline, when the request
    /// may have arrived; `Protocol` for an answer that is too long.
    pub async fn fetch(
        &self,
        request: Request<Body>,
        deadline: Duration,
    ) -> Result<Response<Bytes>> {
        let deadline = bound::length(deadline);
        let place = Url::parse(&request.uri().to_string());
        let exchange = async {
            let (head, body) = self.http().send(request).await?.into_parts();
            Ok(Response::from_parts(head, body.bytes(ANSWER_LIMIT).await?))
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
