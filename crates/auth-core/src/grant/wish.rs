//! [`Wish`]: what a login by a person asks for, whichever way it goes.

use url::form_urlencoded;

use crate::endpoint::{Parameters, TokenEndpoint};
use crate::store::StoreKey;

/// What a login asks for, and the key under which it is kept.
#[derive(Clone, Debug, Default)]
pub(super) struct Wish {
    pub(super) scopes: Vec<String>,
    pub(super) parameters: Parameters,
    pub(super) key: Option<StoreKey>,
}

impl Wish {
    /// A refresh may not widen the scopes of a login (RFC 6749 §6), nor for whom it is (RFC 8707 §2.2), so they belong to
    /// the session.
    pub(super) fn key(&self, endpoint: &TokenEndpoint) -> StoreKey {
        self.key.clone().unwrap_or_else(|| {
            let session = endpoint.session("default").with_scopes(&self.scopes);
            let mut whom = self.parameters.by_name();
            whom.retain(|(name, _)| ["audience", "resource"].contains(&&**name));
            let session = match whom.is_empty() {
                true => session,
                false => {
                    let mut text = form_urlencoded::Serializer::new(String::new());
                    session.with("login for", text.extend_pairs(whom).finish())
                }
            };
            StoreKey::new(session).with("claims", endpoint.standing_claims().unwrap_or_default())
        })
    }
}
