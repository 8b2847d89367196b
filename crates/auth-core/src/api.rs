//! [`ApiClient`]: requests to a protected API, with the token on each.

mod answer;
mod flow;
mod own;
mod verdict;

use std::sync::Arc;
use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, Method, Request, Response, StatusCode, Uri};
use serde::Serialize;
use serde::de::DeserializeOwned;
use url::{Origin, Url};

use self::answer::Asked;
use self::flow::Flow;

use crate::error::{Challenge, Error, Result};
use crate::io::Io;
use crate::io::clock::bound;
use crate::io::http::{ANSWER_LIMIT, Body, Manner, read};
use crate::io::shown;
use crate::source::TokenSource;
use crate::token::AccessToken;

/// Sends requests to one API and puts the token of a [`TokenSource`] on each (RFC 6750 §2.1).
///
/// It is bound to the origin of its base URL: a request elsewhere is refused before anything leaves. When
/// the API answers 401, the token is discarded, renewed for real, and the request tried once more, never
/// with the same token; one that is refused too is discarded as well. Redirects are not followed; bodies may
/// be streams. A request lasts as long as something moves, either way ([`with_timeout`](Self::with_timeout)). Cheap to clone, safe for concurrent use.
///
/// [`json`](Self::json) and [`post_json`](Self::post_json) take nothing but success for one;
/// [`get`](Self::get) and [`send`](Self::send) hand back every answer, which
/// [`ensure_success`](Self::ensure_success) judges.
///
/// ```no_run
/// # use std::sync::Arc;
/// # use auth_core::{ApiClient, Io, Result, TokenSource};
/// # async fn example(source: Arc<dyn TokenSource>) -> Result<()> {
/// let base = "https://api.disruptive-technologies.com/v2/".parse().expect("a URL");
/// let api = ApiClient::new(base, source, Io::new());
/// let projects: serde_json::Value = api.json("projects").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct ApiClient {
    base: Url,
    origins: Vec<Origin>,
    source: Arc<dyn TokenSource>,
    header: HeaderName,
    scheme: Option<String>,
    limit: usize,
    timeout: Duration,
    io: Io,
}

impl ApiClient {
    /// A client of the API at `base`. The token of `source` goes to the origin of `base` and to no other, as
    /// `Authorization: Bearer …`; paths are below `base`, as [`url`](Self::url) has it. Does no I/O.
    pub fn new(base: Url, source: Arc<dyn TokenSource>, io: Io) -> Self {
        let origins = vec![base.origin()];
        let scheme = Some("Bearer".to_owned());
        Self {
            base,
            origins,
            source,
            header: AUTHORIZATION,
            scheme,
            limit: ANSWER_LIMIT,
            timeout: SILENCE,
            io,
        }
    }

    /// Sends the token in another header, and with another scheme or none: `X-Identity: <token>`.
    #[must_use]
    pub fn with_header(self, header: HeaderName, scheme: Option<&str>) -> Self {
        Self {
            header,
            scheme: scheme.map(str::to_owned),
            ..self
        }
    }

    /// Sends the token to the origin of `url` (scheme, host and port) too, to which absolute URLs may then lead.
    #[must_use]
    pub fn with_origin(mut self, url: &Url) -> Self {
        self.origins.push(url.origin());
        self
    }

    /// Reads JSON of up to `limit` bytes. The default is [`ANSWER_LIMIT`].
    #[must_use]
    pub fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }

    /// Sets how long the API may be silent, neither taking nor sending anything. The default is five minutes: what counts
    /// is silence, not work, so that a large body takes the time that it takes.
    #[must_use]
    pub fn with_timeout(self, silence: Duration) -> Self {
        let timeout = bound::length(silence);
        Self { timeout, ..self }
    }

    /// The URL of a path below the base, whether or not either has the slash between; or an absolute URL
    /// as it is.
    ///
    /// # Errors
    /// `Config` if it is no URL, or one of an origin that this client may not send the token to.
    pub fn url(&self, path: &str) -> Result<Url> {
        let shown_path = crate::error::Untrusted::new(path)
            .with_limit(200)
            .to_string();
        let no_url = |_| Error::config(format!("{shown_path} is no path or URL"));
        // Only what begins like a URL is one: a path may hold colons, and `//host` is a path.
        let absolute = path.split_once("://").is_some_and(|(scheme, _)| {
            !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
        });
        let url = if absolute {
            Url::parse(path).map_err(no_url)?
        } else {
            let mut base = self.base.clone();
            if !base.path().ends_with('/') {
                base.set_path(&format!("{}/", base.path()));
            }
            base.join(&format!("./{}", path.trim_start_matches('/')))
                .map_err(no_url)?
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(Error::config(format!(
                "the URL {} has a user or password in it",
                shown(&url)
            ))
            .with_advice("leave them out: the token says who asks"));
        }
        if self.origins.contains(&url.origin()) {
            return Ok(url);
        }
        Err(Error::config(format!(
            "the token is for {}, not for {}",
            self.base.origin().ascii_serialization(),
            shown(&url)
        ))
        .with_advice("allow that origin explicitly if the token is meant for it"))
    }

    /// `GET` of a path or URL, the answer read as JSON. An empty answer is `null`.
    ///
    /// # Errors
    /// As [`send`](Self::send) and [`ensure_success`](Self::ensure_success); `Protocol` if the answer is longer
    /// than the limit, no JSON, or JSON of another shape.
    pub async fn json<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        self.read(Method::GET, path, Body::empty()).await
    }

    /// `POST` of `body` as JSON to a path or URL, the answer read as [`json`](Self::json) reads it.
    ///
    /// # Errors
    /// As [`json`](Self::json); `Config` if `body` can't be written as JSON.
    pub async fn post_json<T: DeserializeOwned>(
        &self,
        path: &str,
        body: &(impl Serialize + ?Sized),
    ) -> Result<T> {
        let body = serde_json::to_vec(body)
            .map_err(|_| Error::config("the body can't be written as JSON"))?;
        self.read(Method::POST, path, body.into()).await
    }

    async fn read<T: DeserializeOwned>(&self, method: Method, path: &str, body: Body) -> Result<T> {
        let url = self.url(path)?;
        let request = Request::builder()
            .uri(url.as_str())
            .header(ACCEPT, "application/json");
        let request = match method {
            Method::GET => request,
            _ => request.header(CONTENT_TYPE, "application/json"),
        };
        let request = request.method(method).body(body);
        let request = request.map_err(|_| Error::config("the request can't be made"))?;
        let answer = self.ensure_success(self.send(request).await?).await?;
        let place = answer::place(&url);
        let answer = read(answer, self.limit).await;
        answer::parse(
            &place,
            answer.map_err(|error| error.context(&place))?.body(),
        )
    }

    /// `GET` of a path or URL; see [`send`](Self::send).
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub async fn get(&self, path: &str) -> Result<Response<Body>> {
        let request = Request::get(self.url(path)?.as_str()).body(Body::empty());
        self.send(request.map_err(|_| Error::config("the request can't be made"))?)
            .await
    }

    /// Sends `request` with the token. Its URI is absolute, or a path below the base. The answer is
    /// handed back whatever its status. A streaming body can be sent only once: then a 401 is the answer,
    /// and the next request has the new token.
    ///
    /// # Errors
    /// Those of the token source; `Config` for a foreign origin or a header that the client sets itself;
    /// `Unavailable` where the API can't be reached.
    pub async fn send(&self, request: Request<Body>) -> Result<Response<Body>> {
        own::ensure(request.headers(), &self.header)?;
        let (mut head, body) = request.into_parts();
        let url = self.url(&head.uri.to_string())?;
        head.uri = Uri::try_from(url.as_str())
            .map_err(|_| Error::config(format!("{} can't be asked", shown(&url))))?;
        let again = body
            .try_clone()
            .map(|body| Request::from_parts(head.clone(), body));
        let token = match self.source.at_hand() {
            Some(token) => token,
            None => self.source.token().await?,
        };
        let request = Request::from_parts(head, body);
        let answer = self.once(request, &url, &token).await?;
        if answer.status() != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        let Some(again) = again else {
            return Ok(answer);
        };
        tracing::debug!(url = %shown(&url), "the API refused the token; a new one is asked for");
        let next = self.source.token().await.map_err(|error| {
            error.context(format!(
                "{} refused the token (401), and no other can be had",
                answer::place(&url)
            ))
        })?;
        if next.is_same(&token) {
            Ok(answer)
        } else {
            self.once(again, &url, &next).await
        }
    }

    /// Sends the request with this token, and discards it if the API refuses it.
    async fn once(
        &self,
        mut request: Request<Body>,
        url: &Url,
        token: &AccessToken,
    ) -> Result<Response<Body>> {
        let value = token.header_value(self.scheme.as_deref())?;
        request.headers_mut().insert(self.header.clone(), value);
        let clock = self.io.clock().clone();
        let flow = Flow::new(clock, self.timeout, answer::place(url));
        let mut request = request.map(|body| flow.sent(body));
        request.extensions_mut().insert(Manner::Flowing);
        let answer = flow.watch(self.io.http().send(request)).await?;
        let mut answer = answer.map(|body| flow.received(body));
        if answer.status() == StatusCode::UNAUTHORIZED {
            let challenge = self.challenge(answer.headers());
            self.source.discard(token, challenge.as_ref());
        }
        answer.extensions_mut().insert(Asked {
            url: url.clone(),
            token: token.clone(),
        });
        Ok(answer)
    }

    fn challenge(&self, headers: &HeaderMap) -> Option<Challenge> {
        Challenge::from_headers(headers, self.scheme.as_deref().unwrap_or("Bearer"))
    }
}

/// How long an API may be silent: some work for minutes before they say a word.
const SILENCE: Duration = Duration::from_secs(300);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::StaticSource;
    use crate::token::AccessToken;

    fn client(base: &str) -> ApiClient {
        let now = std::time::SystemTime::UNIX_EPOCH;
        let token = AccessToken::new("canary".into(), now, now).unwrap();
        ApiClient::new(
            base.parse().unwrap(),
            Arc::new(StaticSource::new(token, &Io::new())),
            Io::new(),
        )
    }

    #[test]
    fn a_path_is_below_the_base_with_or_without_the_slash_between() {
        for base in ["https://a.b/v2", "https://a.b/v2/"] {
            for path in ["projects?x=1", "/projects?x=1"] {
                let url = client(base).url(path).unwrap();
                assert_eq!(url.as_str(), "https://a.b/v2/projects?x=1");
            }
        }
        let url = client("https://a.b/v2").url("a:b/c").unwrap();
        assert_eq!(url.as_str(), "https://a.b/v2/a:b/c");
    }

    #[test]
    fn s23_the_token_goes_to_no_other_origin() {
        let api = client("https://a.b/v2");
        for foreign in [
            "https://evil/",
            "http://a.b/v2",
            "https://a.b:444/",
            "https://a.b@evil/",
            "https://user@a.b/",
            "HTTPS://evil",
        ] {
            assert!(api.url(foreign).is_err(), "{foreign}");
        }
        for tricky in ["//evil/x", "/\\evil", "\\\\evil", "/@evil"] {
            let url = api.url(tricky).unwrap();
            assert_eq!(url.host_str(), Some("a.b"), "{tricky}");
        }
        let other = "https://c.d".parse().unwrap();
        assert!(api.with_origin(&other).url("https://c.d/x").is_ok());
    }
}
