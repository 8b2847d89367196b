//! [`Wish`]: what a login by a person asks for, whichever way it goes.

use crate::endpoint::TokenEndpoint;
use crate::store::StoreKey;

/// What a login asks for, and the key under which it is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub(super) scopes: Vec<String>,
    pub(super) parameters: Vec<(String, String)>,
    pub(super) key: Option<StoreKey>,
}

impl Wish {
    /// A refresh may not widen the scopes of a login (RFC 6749 §6), so they belong to the session.
    pub(super) fn key(&self, endpoint: &TokenEndpoint) -> StoreKey {
        self.key.clone().unwrap_or_else(|| {
            StoreKey::new(endpoint.session("default").with_scopes(&self.scopes))
                .with("claims", endpoint.standing_claims().unwrap_or_default())
        })
    }
}
