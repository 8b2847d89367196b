//! What an answer of an API means.

use bytes::Bytes;
use http::Response;

use super::ApiClient;
use super::answer::{self, Asked, PATIENCE};
use crate::error::{Error, Result};
use crate::io::http::{ANSWER_LIMIT, Body, read};

impl ApiClient {
    /// Hands back an answer of [`send`](Self::send) if its status is a success (2xx), its body still
    /// streaming. The body of any other is read, within a bound.
    ///
    /// # Errors
    /// `Refused` for 4xx, `Unavailable` for 408, 429 and 5xx, with the pause that the API asks for, `Protocol`
    /// for 3xx: with the status, with the OAuth code of `WWW-Authenticate`, and with the API's own words.
    pub async fn ensure_success(&self, answer: Response<Body>) -> Result<Response<Body>> {
        if answer.status().is_success() {
            return Ok(answer);
        }
        let (head, body) = answer.into_parts();
        let clock = self.io.clock();
        let body = async {
            let mut whole = Response::new(body);
            *whole.headers_mut() = head.headers.clone();
            *whole.status_mut() = head.status;
            read(whole, ANSWER_LIMIT).await.map(Response::into_body)
        };
        let body = tokio::select! {
            biased;
            body = body => body.unwrap_or_default(),
            () = clock.sleep(PATIENCE) => Bytes::new(),
        };
        let asked = head.extensions.get::<Asked>().cloned();
        Err(self.failure(asked.as_ref(), &Response::from_parts(head, body)))
    }

    /// What the head of an answer means, its body unread: `None` for a success.
    pub fn refusal(&self, answer: &Response<Body>) -> Option<Error> {
        if answer.status().is_success() {
            return None;
        }
        let mut head = Response::new(Bytes::new());
        *head.status_mut() = answer.status();
        *head.headers_mut() = answer.headers().clone();
        let asked = answer.extensions().get::<Asked>();
        Some(self.failure(asked, &head))
    }

    fn failure(&self, asked: Option<&Asked>, answer: &Response<Bytes>) -> Error {
        let place = answer::place(asked.map_or(&self.base, |asked| &asked.url));
        let challenge = self.challenge(answer.headers());
        let now = self.io.clock().now().wall;
        answer::failure(&place, asked, answer, challenge.as_ref(), now)
    }
}
