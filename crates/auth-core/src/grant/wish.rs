//! [`Wish`]: what a login by a person asks for, whichever way it goes.

use crate::endpoint::TokenEndpoint;
use crate::error::Result;
use crate::session::{Held, TokenSet};
use crate::store::StoreKey;
use crate::token::Expected;

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
        let session = || endpoint.session("default").with_scopes(&self.scopes);
        self.key.clone().unwrap_or_else(|| StoreKey::new(session()))
    }

    /// The parameters of the request, with what an API asked of the login in place of what is configured.
    pub(super) fn parameters(&self, held: &Held) -> Vec<(String, String)> {
        let asked: Vec<_> = match held.challenge() {
            Some(challenge) => challenge.parameters().collect(),
            None => Vec::new(),
        };
        let is_asked = |name: &str| asked.iter().any(|(asked, _)| *asked == name);
        let own = self.parameters.iter().filter(|(name, _)| !is_asked(name));
        let mut all: Vec<_> = own.cloned().collect();
        all.extend(
            asked
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value)),
        );
        all
    }

    /// Whether an ID token is asked for.
    pub(super) fn asks_who(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "openid")
    }

    /// Checks the ID token of an answer, if it has one, and notes who logged in.
    pub(super) fn identified(
        set: TokenSet,
        endpoint: &TokenEndpoint,
        nonce: Option<&str>,
    ) -> Result<TokenSet> {
        let Some(id) = set.id() else { return Ok(set) };
        let account = Expected {
            issuer: endpoint.issuer(),
            client: endpoint.client_id(),
            nonce,
            access: set.access(),
            now: endpoint.io().clock().now().wall,
        }
        .check(id)?;
        Ok(set.with_account(account))
    }
}
