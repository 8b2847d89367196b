//! [`TokenCheck`]: the seam by which a source checks what it hands out.

use std::fmt;

use crate::error::Result;
use crate::future::BoxFuture;
use crate::session::TokenSet;

/// Checks a set of tokens before its access token is handed out. `auth-verify` implements it.
pub trait TokenCheck: fmt::Debug + Send + Sync {
    /// Completes with `Ok` if the set may be used. May touch the network for keys.
    ///
    /// # Errors
    /// `Unavailable` when keys can't be had: the set is kept and only the check is repeated. Anything
    /// else means that the access token is never handed out.
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>>;

    /// For a check of what was said when the tokens were issued, such as that of an ID token: the name,
    /// without secrets, under which the store remembers that a set has passed. Whoever finds it there
    /// does not check again. `None`, the default, is for a check of what is true now.
    fn once(&self) -> Option<&str> {
        None
    }
}
