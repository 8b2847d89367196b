//! [`Labelled`]: a grant under the name that the person wants.

use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{BoxFuture, Grant, Result};

/// A grant whose tokens are kept under a key of the program's choice.
#[derive(Debug)]
pub(crate) struct Labelled {
    key: StoreKey,
    grant: Box<dyn Grant>,
}

impl Labelled {
    pub(crate) fn new(key: StoreKey, grant: impl Grant + 'static) -> Self {
        let grant = Box::new(grant);
        Self { key, grant }
    }
}

#[warn(clippy::missing_trait_methods)]
impl Grant for Labelled {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn is_user(&self, configured: &str, account: &str) -> bool {
        self.grant.is_user(configured, account)
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        self.grant.origin()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        self.grant.exchange(held)
    }
}
