//! [`HttpClient`]: the one way out to the network, and the default way.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Empty, Full};
use sync_wrapper::SyncWrapper;
use url::{Host, Url};

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

/// The body of a request or an answer: bytes, or a stream of them.
pub struct Body {
    inner: SyncWrapper<UnsyncBoxBody<Bytes, Error>>,
    whole: Option<Bytes>,
}

impl Body {
    /// No body.
    pub fn empty() -> Self {
        let none = Empty::new().map_err(|never| match never {});
        Self {
            inner: SyncWrapper::new(none.boxed_unsync()),
            whole: Some(Bytes::new()),
        }
    }

    /// A body from anything that streams.
    pub fn stream<B>(body: B) -> Self
    where
        B: http_body::Body<Data = Bytes, Error = Error> + Send + 'static,
    {
        Self {
            inner: SyncWrapper::new(body.boxed_unsync()),
            whole: None,
        }
    }

    /// The next piece, or `None` at the end. Bytes that are no longer wanted need not be read.
    ///
    /// # Errors
    /// Whatever the client reports when the connection breaks.
    pub async fn chunk(&mut self) -> Option<Result<Bytes>> {
        loop {
            match self.inner.get_mut().frame().await? {
                Ok(frame) => {
                    if let Ok(data) = frame.into_data() {
                        return Some(Ok(data));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// The whole body, if it is not longer than `limit` bytes.
    ///
    /// # Errors
    /// `Protocol` if it is longer, or whatever the client reports.
    pub async fn bytes(mut self, limit: usize) -> Result<Bytes> {
        let mut whole = Vec::new();
        while let Some(chunk) = self.chunk().await {
            let chunk = chunk?;
            if whole.len() + chunk.len() > limit {
                return Err(Error::protocol(format!(
                    "the answer is longer than {limit} bytes"
                )));
            }
            whole.extend_from_slice(&chunk);
        }
        Ok(whole.into())
    }

    /// A second body with the same bytes, or `None` for a stream, which can be sent only once.
    pub fn try_clone(&self) -> Option<Self> {
        self.whole.clone().map(Self::from)
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        let full = Full::new(bytes.clone()).map_err(|never| match never {});
        Self {
            inner: SyncWrapper::new(full.boxed_unsync()),
            whole: Some(bytes),
        }
    }
}

impl From<Vec<u8>> for Body {
    fn from(bytes: Vec<u8>) -> Self {
        Bytes::from(bytes).into()
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>>>> {
        Pin::new(self.inner.get_mut()).poll_frame(context)
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.whole.as_ref().map(Bytes::len);
        f.debug_struct("Body")
            .field("size", &size)
            .finish_non_exhaustive()
    }
}

/// The default [`HttpClient`]: rustls with the platform's roots, proxies from the environment
/// (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`), no redirects, no decompression.
///
/// Loopback is never proxied. `http` goes to loopback only. Roots and connections are made at the
/// first request, so that making a client costs nothing. Needs a tokio runtime to send.
#[derive(Clone)]
pub struct DefaultHttpClient(Arc<Settings>);

struct Settings {
    connect_deadline: Duration,
    deadline: Duration,
    ca_file: Option<PathBuf>,
    direct: OnceLock<Result<reqwest::Client>>,
    proxied: OnceLock<Result<reqwest::Client>>,
}

impl DefaultHttpClient {
    /// A client with a connect deadline of 10 s, and 30 s until the head of an answer.
    pub fn new() -> Self {
        Self(Arc::new(Settings {
            connect_deadline: Duration::from_secs(10),
            deadline: Duration::from_secs(30),
            ca_file: None,
            direct: OnceLock::new(),
            proxied: OnceLock::new(),
        }))
    }

    /// Trusts the certificates of a PEM file too. It is read at the first request.
    #[must_use]
    pub fn with_ca_file(self, path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_owned();
        self.edit(|settings| settings.ca_file = Some(path))
    }

    /// Sets how long to wait for a connection, and for the head of an answer.
    #[must_use]
    pub fn with_deadlines(self, connect: Duration, head: Duration) -> Self {
        self.edit(|settings| {
            settings.connect_deadline = connect;
            settings.deadline = head;
        })
    }

    fn edit(self, change: impl FnOnce(&mut Settings)) -> Self {
        let mut settings = Settings {
            connect_deadline: self.0.connect_deadline,
            deadline: self.0.deadline,
            ca_file: self.0.ca_file.clone(),
            direct: OnceLock::new(),
            proxied: OnceLock::new(),
        };
        change(&mut settings);
        Self(Arc::new(settings))
    }

    fn client(&self, url: &Url) -> Result<&reqwest::Client> {
        let loopback = is_loopback(url);
        if url.scheme() != "https" && !(url.scheme() == "http" && loopback) {
            return Err(Error::config(format!("{} is not https", shown(url)))
                .with_advice("use an https URL; plain http is for loopback only")
                .with_nothing_sent());
        }
        let (cell, proxied) = if loopback {
            (&self.0.direct, false)
        } else {
            (&self.0.proxied, true)
        };
        cell.get_or_init(|| self.0.build(proxied))
            .as_ref()
            .map_err(Clone::clone)
    }
}

impl Settings {
    fn build(&self, proxied: bool) -> Result<reqwest::Client> {
        let builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(self.connect_deadline)
            .resolve_to_addrs("localhost", &LOOPBACK)
            .user_agent(concat!("auth-core/", env!("CARGO_PKG_VERSION")));
        let builder = match &self.ca_file {
            Some(path) => builder.tls_certs_merge(certificates(path)?),
            None => builder,
        };
        if proxied { builder } else { builder.no_proxy() }
            .build()
            .map_err(|error| {
                Error::config("TLS can't be set up")
                    .with_advice("check the certificates that this machine trusts")
                    .with_nothing_sent()
                    .with_source(error.without_url())
            })
    }
}

impl HttpClient for DefaultHttpClient {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        Box::pin(async move {
            let url = Url::parse(&request.uri().to_string()).map_err(|_| {
                Error::config("the request has no absolute URL").with_nothing_sent()
            })?;
            let client = self.client(&url)?;
            let request = request.map(|body| match body.whole {
                Some(bytes) => reqwest::Body::from(bytes),
                None => reqwest::Body::wrap(body),
            });
            let request = reqwest::Request::try_from(request).map_err(|error| {
                Error::config("the request can't be sent")
                    .with_nothing_sent()
                    .with_source(error.without_url())
            })?;
            let answer = tokio::time::timeout(self.0.deadline, client.execute(request)).await;
            let answer = answer.map_err(|_| {
                Error::unavailable(format!(
                    "{} did not answer within {} s",
                    shown(&url),
                    self.0.deadline.as_secs()
                ))
                .with_advice("check the network and try again later")
            })?;
            let answer = answer.map_err(|error| broken(&url, error))?;
            let answer: Response<reqwest::Body> = answer.into();
            Ok(answer.map(|body| Body::stream(body.map_err(move |error| broken(&url, error)))))
        })
    }
}

impl Default for DefaultHttpClient {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for DefaultHttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DefaultHttpClient")
            .field("ca_file", &self.0.ca_file)
            .finish_non_exhaustive()
    }
}

/// `localhost` is loopback, whatever a resolver says.
const LOOPBACK: [SocketAddr; 2] = [
    SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0),
    SocketAddr::new(IpAddr::V6(Ipv6Addr::LOCALHOST), 0),
];

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

fn certificates(path: &Path) -> Result<Vec<reqwest::Certificate>> {
    let name = path.display();
    let fail = |what: String| {
        Error::config(what)
            .with_advice("name a PEM file with the certificates to trust")
            .with_nothing_sent()
    };
    let pem = std::fs::read(path)
        .map_err(|error| fail(format!("the CA file {name} can't be read: {error}")))?;
    let certificates = reqwest::Certificate::from_pem_bundle(&pem).unwrap_or_default();
    if certificates.is_empty() {
        return Err(fail(format!("the CA file {name} holds no certificate")));
    }
    Ok(certificates)
}

fn broken(url: &Url, error: reqwest::Error) -> Error {
    let connecting = error.is_connect();
    let reason = reason(&error);
    let advice = match &*reason {
        text if text.contains("certificate") || text.contains("UnknownIssuer") => {
            "if a company or test CA signs this server's certificate, name its PEM file as CA file"
        }
        text if text.contains("proxy") => "check HTTPS_PROXY, NO_PROXY and the proxy's password",
        _ => "check the URL and the network, then try again",
    };
    let place = shown(url);
    let failure = if connecting {
        Error::unavailable(format!("{place} can't be reached: {reason}")).with_nothing_sent()
    } else {
        Error::unavailable(format!("the connection to {place} broke: {reason}"))
    };
    failure.with_advice(advice)
}

/// The innermost cause, which names what happened; the outer ones only say where.
fn reason(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    let text = if error.is_timeout() {
        "timed out".to_owned()
    } else {
        cause.to_string()
    };
    crate::Untrusted::new(&text).with_limit(200).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_goes_to_loopback_only() {
        let client = DefaultHttpClient::new();
        for url in [
            "http://example.com/",
            "http://169.254.169.254/",
            "ftp://localhost/",
        ] {
            let error = client.client(&Url::parse(url).unwrap()).unwrap_err();
            assert!(!error.may_have_arrived(), "{url}");
        }
        for url in [
            "http://127.0.0.1:1/",
            "http://[::1]/",
            "http://localhost/",
            "https://a.b/",
        ] {
            assert!(client.client(&Url::parse(url).unwrap()).is_ok(), "{url}");
        }
    }

    #[test]
    fn a_shown_url_has_neither_query_nor_password() {
        let url = Url::parse("https://u:p@a.b/c?code=1#f").unwrap();
        assert_eq!(shown(&url), "https://a.b/c");
    }
}
