//! What the browser shows at the end: static pages, into which nothing from a request gets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONNECTION, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};
use http_body_util::Full;

use crate::token::sha256;

/// What the person reads.
#[derive(Clone, Copy)]
pub(super) enum Page {
    Done,
    Failed,
    Stray,
}

/// The page as an answer that closes the connection, is kept nowhere, loads nothing and tells nobody
/// where it came from. Its one script takes the code out of the address bar.
pub(super) fn of(status: StatusCode, page: Page) -> Response<Full<Bytes>> {
    let (title, text) = match page {
        Page::Done => (
            "You are back",
            "The program has the answer and goes on. You can close this window.",
        ),
        Page::Failed => (
            "No login",
            "The login did not succeed. The program says why. You can close this window.",
        ),
        Page::Stray => (
            "Nothing here",
            "This is not the answer that the program waits for. It waits on.",
        ),
    };
    let html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<title>{title}</title>\n\
         <h1>{title}</h1>\n<p>{text}</p>\n<script>{SCRIPT}</script>\n</html>\n"
    );
    let mut answer = Response::new(Full::new(Bytes::from(html)));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}'; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'",
        STANDARD.encode(sha256(SCRIPT.as_bytes()))
    );
    if let Ok(policy) = HeaderValue::try_from(policy) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

const SCRIPT: &str = "history.replaceState(null, '', location.pathname)";

const HEADERS: [(HeaderName, &str); 6] = [
    (CACHE_CONTROL, "no-store"),
    (CONNECTION, "close"),
    (CONTENT_TYPE, "text/html; charset=utf-8"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
];
