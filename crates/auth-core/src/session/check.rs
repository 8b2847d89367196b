//! [`TokenCheck`]: the seam by which a source checks what it hands out.

use std::fmt;
use std::sync::Arc;

use crate::error::Result;
use crate::future::BoxFuture;
use crate::session::TokenSet;

/// Checks a set of tokens before its access token is handed out. `auth-verify` implements it.
pub trait TokenCheck: fmt::Debug + Send + Sync {
    /// Completes with `Ok` if the set may be used. May touch the network for keys.
    ///
    /// # Errors
    /// `Unavailable` when keys can't be had, `Config` when they can't be had in this way: the set is kept and only the check
    /// is repeated. Anything else means that the access token is never handed out.
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>>;

    /// For a check of what was said when the tokens were issued, such as that of an ID token: the name,
    /// without secrets, under which the store remembers that a set has passed. Whoever finds it there
    /// does not check again. `None`, the default, is for a check of what is true now.
    fn once(&self) -> Option<&str> {
        None
    }
}

/// Makes the check of what an issuer hands out to a client.
type Make = dyn Fn(&str, &str) -> Result<Arc<dyn TokenCheck>> + Send + Sync;

/// Whether tokens are checked before they are handed out, and by what: an argument where a vendor's tokens should be,
/// so that nobody goes without by forgetting it.
#[derive(Clone)]
#[non_exhaustive]
pub enum Checked {
    /// By the check that this makes for an issuer and a client.
    By(Arc<Make>),
    /// Not at all: whoever gets a token checks it.
    No,
}

impl Checked {
    /// By the check that `make` makes for an issuer and a client.
    pub fn by(
        make: impl Fn(&str, &str) -> Result<Arc<dyn TokenCheck>> + Send + Sync + 'static,
    ) -> Self {
        Self::By(Arc::new(make))
    }

    /// The check of what `issuer` hands out to `client`; `None` for none.
    ///
    /// # Errors
    /// Those of whoever makes it.
    pub fn check(&self, issuer: &str, client: &str) -> Result<Option<Arc<dyn TokenCheck>>> {
        match self {
            Self::By(make) => make(issuer, client).map(Some),
            Self::No => Ok(None),
        }
    }
}

impl fmt::Debug for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::By(_) => "By(…)",
            Self::No => "No",
        })
    }
}
