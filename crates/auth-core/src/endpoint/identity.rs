//! Who logged in, as the ID token of an answer says.

use super::TokenEndpoint;
use crate::error::Result;
use crate::session::TokenSet;
use crate::token::Expected;

impl TokenEndpoint {
    /// Checks the ID token of an answer, if it has one, and notes who logged in.
    pub(crate) fn identified(&self, set: TokenSet, nonce: Option<&str>) -> Result<TokenSet> {
        let Some(id) = set.id() else { return Ok(set) };
        let account = Expected {
            issuer: self.issuer(),
            client: self.client_id(),
            nonce,
            access: set.access(),
            now: self.io().clock().now().wall,
        }
        .check(id)?;
        Ok(set.with_account(account))
    }
}
