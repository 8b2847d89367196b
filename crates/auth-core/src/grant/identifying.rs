//! [`Identifying`]: hand out who logged in.

use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;

/// Wraps a grant of a person's login: hands out the ID token in place of the access token, for APIs that take it as the
/// credential. It works until its `exp`, by this machine's clock.
///
/// It is a question of its own in the same login. Where a refresh brings no new ID token, the one before goes on for as
/// long as it works; then only a new login helps.
#[derive(Debug)]
pub struct Identifying(Box<dyn Grant>);

impl Identifying {
    /// Hands out the ID tokens of `inner`, a login that asks for the scope `openid`.
    pub fn new(inner: impl Grant + 'static) -> Self {
        Self(Box::new(inner))
    }
}

impl Grant for Identifying {
    fn key(&self) -> StoreKey {
        self.0.key().with("credential", "id_token")
    }

    fn is_user(&self, configured: &str, account: &str) -> bool {
        self.0.is_user(configured, account)
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        self.0.origin()
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        self.0.settled()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move {
            let set = self.0.exchange(held).await?;
            let id = set.id().ok_or_else(|| {
                Error::protocol("the server does not say who logged in: there is no ID token")
                    .with_advice("ask for the scope openid")
            })?;
            let access = id.as_credential(set.access().obtained_at())?;
            Ok(set.with_access(access))
        })
    }
}
