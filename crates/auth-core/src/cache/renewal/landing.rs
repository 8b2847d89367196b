//! [`Landed`]: a set is checked, and its token handed out from then on.

use super::Renewal;
use crate::error::{Error, ErrorKind, Result};
use crate::session::{TokenCheck, TokenSet};
use crate::store::StoreLock;
use crate::token::AccessToken;

/// What a renewal ends in.
#[derive(Clone, Debug)]
pub(in crate::cache) struct Landed {
    pub(in crate::cache) token: AccessToken,
    /// Whether the server was asked, by us or by another process meanwhile.
    pub(in crate::cache) asked: bool,
}

impl Renewal {
    /// Hands out the token of `set`, which came from the server (`asked`) or from the store.
    pub(super) async fn hand_out(
        &self,
        set: &TokenSet,
        asked: bool,
        lock: Option<&StoreLock>,
    ) -> Result<Landed> {
        let (parts, token) = (&self.parts, set.access());
        if parts.clock.now().wall >= token.dead_at() {
            return Err(Error::protocol("the token ended before it arrived")
                .with_advice("set this machine's clock (NTP)"));
        }
        if let Some(check) = &parts.check {
            self.check(&**check, set, lock).await?;
        }
        if !parts.cell.land(token, parts.clock.now()) {
            return Err(Error::refused(
                "the server keeps handing out a token that the API refuses",
            )
            .with_advice("check the token's audience and scope, and what the API asks for"));
        }
        Ok(Landed {
            token: token.clone(),
            asked,
        })
    }

    /// Has the set checked, unless the store remembers that it has passed.
    async fn check(
        &self,
        check: &dyn TokenCheck,
        set: &TokenSet,
        lock: Option<&StoreLock>,
    ) -> Result<()> {
        let (cell, question) = (&self.parts.cell, self.parts.key.question());
        let passed = |name| cell.login().0.is_checked(&question, name);
        if check.once().is_some_and(passed) {
            return Ok(());
        }
        check.check(set).await.inspect_err(|error| {
            if error.kind() != ErrorKind::Unavailable {
                cell.discard(set.access(), None);
            }
        })?;
        if let Some(name) = check.once() {
            cell.passed(&question, name);
            self.save(lock).await;
        }
        Ok(())
    }
}
