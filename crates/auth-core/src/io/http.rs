//! [`HttpClient`]: the one way out to the network.

mod body;
#[cfg(feature = "reqwest")]
mod ca_file;
#[cfg(feature = "reqwest")]
mod default;
#[cfg(feature = "reqwest")]
mod failure;
mod ids;
#[cfg(feature = "reqwest")]
mod loopback;
mod manner;
mod none;
#[cfg(feature = "reqwest")]
mod per_runtime;
mod plain;
#[cfg(feature = "reqwest")]
mod proxy;
mod retry_after;
#[cfg(feature = "reqwest")]
mod route;
#[cfg(feature = "reqwest")]
mod tls;

use std::fmt;
use std::sync::Arc;

use http::{Request, Response, StatusCode};

pub use super::address::{is_link_local, may_carry_secrets, shown};
pub use body::Body;
#[cfg(feature = "reqwest")]
pub use default::DefaultHttpClient;
pub(crate) use ids::ids;
pub use manner::Manner;
pub use none::NoNetwork;
pub(crate) use plain::read;
pub(crate) use retry_after::date;
pub use retry_after::retry_after;

use crate::error::Result;
use crate::future::BoxFuture;

/// A status as people know it: its number, and its words where it has some.
pub(crate) fn status_line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(_) => status.to_string(),
        None => status.as_u16().to_string(),
    }
}

/// The most that anything which parses an answer will read: 1 MiB.
pub const ANSWER_LIMIT: usize = 1 << 20;

/// Sends one request and gives back the answer with its body still streaming.
///
/// An implementation follows no redirect, adds no credentials, and refuses plain `http` except to
/// loopback ([`may_carry_secrets`]). It sends in the [`Manner`] that an extension of the request names, as far as it can. Its errors are `Unavailable`, and say with [`Error::with_nothing_sent`](crate::Error::with_nothing_sent) when the request
/// certainly did not arrive. Safe for concurrent use.
pub trait HttpClient: fmt::Debug + Send + Sync {
    /// Sends `request`. Completes when the head of the answer is there.
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>>;
}

impl<T: HttpClient + ?Sized> HttpClient for Arc<T> {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        (**self).send(request)
    }
}
