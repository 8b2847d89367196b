//! The headers that are not a caller's to set.

use http::{HeaderMap, HeaderName};

use crate::error::{Error, Result};

/// Makes sure that `headers` has neither that of the `token` nor one of the connection.
pub(super) fn ensure(headers: &HeaderMap, token: &HeaderName) -> Result<()> {
    if headers.contains_key(token) {
        return Err(
            Error::config(format!("the header {token} is the token's")).with_advice("leave it out")
        );
    }
    match OF_CONNECTION
        .iter()
        .find(|name| headers.contains_key(**name))
    {
        None => Ok(()),
        Some(name) => Err(
            Error::config(format!("the header {name} is the connection's"))
                .with_advice("leave it out: it follows from the URL and the body"),
        ),
    }
}

/// Headers that follow from the URL and the body, or are of one connection (RFC 9110 §7.6.1).
const OF_CONNECTION: [&str; 9] = [
    "connection",
    "content-length",
    "host",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
