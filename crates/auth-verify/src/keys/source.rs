//! [`KeySource`]: keys from a place of the caller's own.

use std::fmt;

use auth_core::{BoxFuture, Result};

/// Hands out the JWKS document of an issuer from wherever it is kept: a secret store, a database, a mesh.
///
/// It is asked by the same policy as a URL: once for all who wait, ahead of time, at most twice at once and
/// one more time in 30 seconds because of unknown keys, with growing pauses while it fails, and for five
/// seconds at most. What it handed out last is believed for a day while it fails.
///
/// ```
/// # use auth_core::{BoxFuture, Io, Result};
/// # use auth_verify::{KeySource, Keys};
/// #[derive(Debug)]
/// struct Vault;
///
/// impl KeySource for Vault {
///     fn jwks(&self) -> BoxFuture<'_, Result<Vec<u8>>> {
///         Box::pin(async { Ok(br#"{"keys":[]}"#.to_vec()) })
///     }
/// }
///
/// let keys = Keys::from_source(Vault, Io::new());
/// ```
pub trait KeySource: fmt::Debug + Send + Sync {
    /// The document as it is now.
    ///
    /// # Errors
    /// Why there is none. A `retry_after` is kept.
    fn jwks(&self) -> BoxFuture<'_, Result<Vec<u8>>>;
}
