//! [`Rules`]: which requests on the loopback port are listened to.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;

use super::page::{self, Page};
use super::{Judge, Outcome};

/// What a request must look like before its parameters are looked at.
pub(super) struct Rules<'a> {
    port: u16,
    path: &'a str,
    form_post: bool,
    judge: &'a Judge<'a>,
}

impl<'a> Rules<'a> {
    pub(super) fn new(port: u16, path: &'a str, form_post: bool, judge: &'a Judge<'a>) -> Self {
        Self {
            port,
            path,
            form_post,
            judge,
        }
    }

    /// The page for the browser, and what the request means for the login.
    pub(super) async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> (Response<Full<Bytes>>, Option<Outcome>) {
        if let Err(status) = self.check(&request) {
            return (page::of(status, Page::Stray), None);
        }
        let (head, body) = request.into_parts();
        let parameters = match head.method {
            Method::GET => Bytes::from(head.uri.query().unwrap_or_default().to_owned()),
            _ => match Limited::new(body, LONGEST_BODY).collect().await {
                Ok(body) => body.to_bytes(),
                Err(_) => return (page::of(StatusCode::PAYLOAD_TOO_LARGE, Page::Stray), None),
            },
        };
        let outcome = (self.judge)(&parameters);
        let page = match &outcome {
            None => page::of(StatusCode::BAD_REQUEST, Page::Stray),
            Some(Ok(_)) => page::of(StatusCode::OK, Page::Done),
            Some(Err(_)) => page::of(StatusCode::OK, Page::Failed),
        };
        (page, outcome)
    }

    fn check(&self, request: &Request<Incoming>) -> Result<(), StatusCode> {
        let (uri, headers) = (request.uri(), request.headers());
        if uri.authority().is_some() || !self.is_for_us(headers) {
            return Err(StatusCode::BAD_REQUEST);
        }
        if uri.path() != self.path {
            return Err(StatusCode::NOT_FOUND);
        }
        match *request.method() {
            // A browser that goes to a page names no origin; a script does.
            Method::GET if headers.contains_key(ORIGIN) => Err(StatusCode::FORBIDDEN),
            Method::GET => Ok(()),
            // A posted form comes with the server's origin, or with `null`: `state` decides.
            Method::POST if self.form_post && is_form(headers) => Ok(()),
            _ => Err(StatusCode::METHOD_NOT_ALLOWED),
        }
    }

    /// The name must be one of ours, so that no other name can be made to lead here.
    fn is_for_us(&self, headers: &HeaderMap) -> bool {
        let mut named = headers.get_all(HOST).iter();
        match (named.next(), named.next()) {
            (Some(host), None) => host.to_str().is_ok_and(|host| is_ours(host, self.port)),
            _ => false,
        }
    }
}

/// Whether a `Host` is ours on this port, however it is spelled: a browser leaves the usual port out.
fn is_ours(host: &str, port: u16) -> bool {
    let (name, said) = match host.rsplit_once(':') {
        Some((name, said)) if !said.ends_with(']') => (name, said.parse().ok()),
        _ => (host, Some(USUAL_PORT)),
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let ours = ["127.0.0.1", "localhost", "[::1]"];
    said == Some(port) && ours.iter().any(|one| name.eq_ignore_ascii_case(one))
}

/// That of http.
const USUAL_PORT: u16 = 80;

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let kind = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default();
    kind.trim()
        .eq_ignore_ascii_case("application/x-www-form-urlencoded")
}

const LONGEST_BODY: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn our_names_are_known_however_a_browser_spells_them_and_no_others() {
        for (host, port) in [
            ("127.0.0.1:80", 80),
            ("localhost", 80),
            ("LOCALHOST:8400", 8400),
            ("localhost.:8400", 8400),
            ("[::1]", 80),
            ("[::1]:8400", 8400),
        ] {
            assert!(is_ours(host, port), "{host} {port}");
        }
        for (host, port) in [
            ("localhost", 8400),
            ("localhost:80", 8400),
            ("localhost:", 80),
            ("localhost..:80", 80),
            ("evil.localhost:80", 80),
            ("localhost.evil:80", 80),
            ("127.0.0.1.evil", 80),
            ("", 80),
            ("::1", 80),
        ] {
            assert!(!is_ours(host, port), "{host} {port}");
        }
    }
}
