//! [`Visit`]: one visit to the login pages, as a browser makes it.

use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::endpoint::AuthorizationRequest;
use auth_core::error::Untrusted;
use auth_core::http::{Body, Manner, retry_after};
use auth_core::{Error, ErrorKind, Io, Result};
use backon::{BackoffBuilder, ExponentialBuilder};
use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_ENCODING, CONTENT_TYPE, COOKIE, DATE, LOCATION, SET_COOKIE};
use http::{Method, Request, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::cookie::CookieJar;
use crate::otp::Drift;
use crate::page::{Form, Page};
use crate::platform::Platform;

/// One visit to the login pages. It goes from the IAM's pages to the IAM's pages, and stops where it is sent
/// anywhere else.
pub(super) struct Visit<'a> {
    pub(super) platform: &'a Platform,
    pub(super) io: &'a Io,
    request: &'a AuthorizationRequest,
    pub(super) jar: CookieJar,
    /// How far the IAM's clock is from ours.
    pub(super) drift: Drift,
    /// Whether the page came after a redirect: it is no answer to a form, and nobody has looked at what was sent.
    pub(super) was_sent_on: bool,
    /// The page that was looked at last.
    pub(super) latest: Bytes,
    hops: u32,
}

/// What a request of a visit came to.
pub(super) enum Arrived {
    /// A page of the IAM.
    At(Page, StatusCode),
    /// An address elsewhere, which was not fetched.
    SentTo(Url),
}

impl<'a> Visit<'a> {
    pub(super) fn new(
        platform: &'a Platform,
        io: &'a Io,
        request: &'a AuthorizationRequest,
        jar: CookieJar,
    ) -> Self {
        Self {
            platform,
            io,
            request,
            jar,
            drift: Drift::default(),
            was_sent_on: false,
            latest: Bytes::new(),
            hops: 0,
        }
    }

    /// Goes to the login page.
    pub(super) async fn open(&mut self) -> Result<Arrived> {
        let url = self.request.url().clone();
        self.go(Method::GET, url, None).await
    }

    /// Sends a form. Never again where it may have arrived.
    pub(super) async fn send(
        &mut self,
        form: &Form,
        values: &[(&str, &SecretString)],
    ) -> Result<Arrived> {
        let body = form.filled(values);
        self.go(Method::POST, form.action().clone(), Some(body))
            .await
    }

    async fn go(
        &mut self,
        mut method: Method,
        mut url: Url,
        mut body: Option<SecretString>,
    ) -> Result<Arrived> {
        self.was_sent_on = false;
        loop {
            self.hops += 1;
            if self.hops > MOST_HOPS {
                return Err(Error::protocol("the login pages lead in a circle")
                    .with_advice("try again later; if it stays so, report it to the platform"));
            }
            let answer = self.fetch(&method, &url, body.as_ref()).await?;
            let status = answer.status();
            if !status.is_redirection() {
                return self.page(&url, &answer);
            }
            let next = self.target(&method, &url, &answer)?;
            if self.request.ends_at(&next) || !self.platform.is_page(&next) {
                return Ok(Arrived::SentTo(next));
            }
            self.was_sent_on = true;
            // The address says it all: nobody need look at the page.
            if let Some(page) = Page::announced(&next, self.platform) {
                return Ok(Arrived::At(page, status));
            }
            // A form that was sent is never sent on (RFC 9110 §15.4.3, §15.4.4).
            (method, url, body) = (Method::GET, next, None);
        }
    }

    fn target(&self, method: &Method, url: &Url, answer: &Response<Bytes>) -> Result<Url> {
        let location = answer.headers().get(LOCATION);
        // Some let a text of their language stand in it as it is.
        let location = location.map(|location| String::from_utf8_lossy(location.as_bytes()));
        let target = location.and_then(|location| url.join(&location).ok());
        match (answer.status().as_u16(), target) {
            (301..=303, Some(target)) => Ok(target),
            (307 | 308, Some(target)) if method == Method::GET => Ok(target),
            (307 | 308, Some(_)) => Err(Error::protocol(
                "the IAM asks to send the form on to another address; nothing was sent there",
            )
            .with_advice("report it to the platform")),
            _ => Err(Error::protocol("the IAM redirects to nowhere")
                .with_advice("try again later; if it stays so, report it to the platform")),
        }
    }

    fn page(&mut self, url: &Url, answer: &Response<Bytes>) -> Result<Arrived> {
        let status = answer.status();
        if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
            let error = Error::unavailable(format!("the IAM's login page answered {status}"))
                .with_advice("try again later")
                .with_status(status.as_u16());
            let pause = retry_after(answer.headers(), self.clock().now().wall);
            return Err(match pause {
                Some(pause) => error.with_retry_after(pause),
                None => error,
            });
        }
        let encoding = answer.headers().get(CONTENT_ENCODING);
        if encoding.is_some_and(|encoding| encoding != "identity") {
            return Err(Error::protocol(
                "the IAM's login page is compressed, which nobody asked for",
            )
            .with_advice("see whether a proxy does that; if not, report it to the platform"));
        }
        self.latest = answer.body().clone();
        let page = Page::read(url, answer.body(), self.platform)?;
        // Keycloak has a page of its own for a realm that it does not know.
        let is_none = matches!(page, Page::Unknown(_) | Page::Failed(_));
        if is_none && status == StatusCode::NOT_FOUND {
            return Err(Error::config(format!(
                "the IAM has no login page at {}",
                Untrusted::new(self.platform.issuer())
            ))
            .with_advice("check the IAM's URL and realm")
            .with_status(404));
        }
        Ok(Arrived::At(page, status))
    }

    /// One request with the jar's cookies. What only asks is asked up to three times.
    async fn fetch(
        &mut self,
        method: &Method,
        url: &Url,
        body: Option<&SecretString>,
    ) -> Result<Response<Bytes>> {
        let mut pauses = ExponentialBuilder::new()
            .with_min_delay(Duration::from_millis(250))
            .with_max_times(2)
            .with_jitter()
            .build();
        loop {
            let sent = self.clock().now().wall;
            let mut request = self.request(method, url, body)?;
            if body.is_some() {
                // A password or a code, for which somebody may have been waited.
                request.extensions_mut().insert(Manner::Once);
            }
            let answer = match self.io.fetch(request, DEADLINE).await {
                Err(error) => {
                    let is_safe = body.is_none() || !error.may_have_arrived();
                    let pause = pauses.next().filter(|_| is_safe);
                    match pause.filter(|_| error.kind() == ErrorKind::Unavailable) {
                        Some(pause) => self.clock().sleep(pause).await,
                        None => return Err(error),
                    }
                    continue;
                }
                Ok(answer) => answer,
            };
            let now = self.clock().now().wall;
            for cookie in answer.headers().get_all(SET_COOKIE) {
                self.jar.take(url, cookie, now);
            }
            let date = answer.headers().get(DATE);
            if let Some(date) = date.and_then(|date| date.to_str().ok()) {
                self.drift = Drift::seen(date, sent, now);
            }
            return Ok(answer);
        }
    }

    fn request(
        &self,
        method: &Method,
        url: &Url,
        body: Option<&SecretString>,
    ) -> Result<Request<Body>> {
        let mut request = Request::builder()
            .method(method)
            .uri(url.as_str())
            .header(ACCEPT, "text/html");
        if let Some(cookies) = self.jar.header(url, self.clock().now().wall) {
            request = request.header(COOKIE, cookies);
        }
        if body.is_some() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        let body = body.map_or_else(Body::empty, |body| body.expose_secret().to_owned().into());
        request.body(body).map_err(|_| {
            Error::protocol("the IAM leads to an address that no request can be sent to")
                .with_advice("report it to the platform")
        })
    }

    pub(super) fn clock(&self) -> &'a dyn Clock {
        &**self.io.clock()
    }
}

/// How long one request may take.
pub(super) const DEADLINE: Duration = Duration::from_secs(30);

/// A login has about six, with every page that is known.
const MOST_HOPS: u32 = 20;
