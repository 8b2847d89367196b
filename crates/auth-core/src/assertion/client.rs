//! [`ClientAssertion`]: what signs a client's assertion.

use std::fmt;
use std::sync::Arc;

use secrecy::SecretString;

use crate::error::Result;
use crate::future::BoxFuture;
use crate::session::Held;

/// Signs a client's assertion (RFC 7523 §2.2) each time one is needed. Safe for concurrent use.
pub trait ClientAssertion: fmt::Debug + Send + Sync {
    /// A new assertion for `audience`, the URL of the token endpoint. An implementation whose server
    /// wants its issuer there instead says so by ignoring it. May ask the network: it is cut off at the
    /// request's deadline.
    ///
    /// # Errors
    /// Whatever keeps the assertion from being made; the request is not sent.
    fn sign<'a>(&'a self, audience: &'a str) -> BoxFuture<'a, Result<SecretString>>;

    /// The same signer with its key at hand, for one request or one login; `None` where nothing has to be
    /// revealed. Called before the request's deadline starts, as for a [`Secret`](crate::session::Secret).
    ///
    /// # Errors
    /// Whatever keeps the key from being had or used; nothing is sent.
    fn revealed<'a>(
        &'a self,
        held: &'a Held,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn ClientAssertion>>>> {
        let _ = held;
        Box::pin(async { Ok(None) })
    }

    /// The same signer, revealed, signing as one of the algorithms that the server's metadata `listed`
    /// (`token_endpoint_auth_signing_alg_values_supported`), where nobody said how it is to sign, and it would do so
    /// otherwise. `None`: as it is.
    fn fitting(&self, listed: &[String]) -> Option<Arc<dyn ClientAssertion>> {
        let _ = listed;
        None
    }

    /// What the assertion that was sent says of itself, for whoever has to find out why it was refused; no secret. Asked of
    /// a revealed one.
    fn said(&self) -> Option<String> {
        None
    }

    /// The server refused the client: a key that was typed or fetched is forgotten.
    fn refused(&self) {}
}
