//! [`Received`]: one request, as it arrived.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;
use http::{HeaderMap, Method};
use url::{Url, form_urlencoded};

/// One request, as it arrived.
///
/// It gives away the secrets in it on purpose, because a test wants to know what its program sent;
/// `Debug` shows the names of headers and form fields only, so that they stay out of logs.
#[derive(Clone)]
pub struct Received {
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: Bytes,
    at: SystemTime,
}

impl Received {
    pub(crate) fn new(
        method: Method,
        url: Url,
        headers: HeaderMap,
        body: Bytes,
        at: SystemTime,
    ) -> Self {
        Self {
            method,
            url,
            headers,
            body,
            at,
        }
    }

    /// The method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// The whole URL, with the host that the client named.
    pub fn url(&self) -> &Url {
        &self.url
    }

    /// The path, without the query.
    pub fn path(&self) -> &str {
        self.url.path()
    }

    /// The decoded value of a parameter in the query.
    pub fn query(&self, name: &str) -> Option<String> {
        value(self.url.query_pairs(), name)
    }

    /// The decoded values of a parameter that the query may have several times.
    pub fn queries(&self, name: &str) -> Vec<String> {
        values(self.url.query_pairs(), name)
    }

    /// The headers.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The value of a header, if there is one and it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// The body as decoded form fields, in the order in which they came.
    pub fn form(&self) -> Vec<(String, String)> {
        form_urlencoded::parse(&self.body).into_owned().collect()
    }

    /// The decoded value of one form field.
    pub fn field(&self, name: &str) -> Option<String> {
        value(form_urlencoded::parse(&self.body), name)
    }

    /// The decoded values of a form field that may come several times, as `audience` and `resource` do.
    pub fn fields(&self, name: &str) -> Vec<String> {
        values(form_urlencoded::parse(&self.body), name)
    }

    /// When it arrived, by the server's clock.
    pub fn at(&self) -> SystemTime {
        self.at
    }

    /// Scheme, host and port of its URL.
    pub(crate) fn origin(&self) -> String {
        self.url.origin().ascii_serialization()
    }

    /// Its URL without the query, the way an audience names an endpoint.
    pub(crate) fn endpoint(&self) -> String {
        self.origin() + self.path()
    }

    /// Whether its body says that it is a form.
    pub(crate) fn is_form(&self) -> bool {
        let media_type = self.header("content-type").unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded")
    }
}

impl fmt::Debug for Received {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let headers: Vec<_> = self.headers.keys().map(http::HeaderName::as_str).collect();
        let mut shown = f.debug_struct("Received");
        shown
            .field("method", &self.method)
            .field("path", &self.path())
            .field("headers", &headers)
            .field("size", &self.body.len());
        if self.is_form() {
            let fields: Vec<_> = self.form().into_iter().map(|(name, _)| name).collect();
            shown.field("fields", &fields);
        }
        shown.finish_non_exhaustive()
    }
}

/// The latest requests, and how many there were on each path.
#[derive(Default)]
pub(crate) struct Record {
    latest: VecDeque<Received>,
    counts: HashMap<String, usize>,
}

impl Record {
    pub(crate) fn add(&mut self, request: Received) {
        if self.latest.len() == LATEST {
            self.latest.pop_front();
        }
        *self.counts.entry(request.path().to_owned()).or_default() += 1;
        self.latest.push_back(request);
    }

    pub(crate) fn latest(&self) -> impl Iterator<Item = &Received> {
        self.latest.iter()
    }

    pub(crate) fn count(&self, path: &str) -> usize {
        self.counts.get(path).copied().unwrap_or_default()
    }
}

fn value(pairs: form_urlencoded::Parse<'_>, name: &str) -> Option<String> {
    pairs
        .into_iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

fn values(pairs: form_urlencoded::Parse<'_>, name: &str) -> Vec<String> {
    let named = pairs.filter(|(key, _)| key == name);
    named.map(|(_, value)| value.into_owned()).collect()
}

/// How many requests are kept, so that a server that runs for days does not grow for ever.
const LATEST: usize = 10_000;
