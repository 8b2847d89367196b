//! [`Checks`]: several checks of one token.

use auth_core::session::{TokenCheck, TokenSet};
use auth_core::{BoxFuture, Result};

/// All of them. A token is checked when it comes, so that one at hand needs no keys.
#[derive(Debug)]
pub(super) struct Checks {
    pub(super) all: Vec<Box<dyn TokenCheck>>,
    pub(super) name: String,
}

impl TokenCheck for Checks {
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for check in &self.all {
                check.check(tokens).await?;
            }
            Ok(())
        })
    }

    fn once(&self) -> Option<&str> {
        Some(&self.name)
    }
}
