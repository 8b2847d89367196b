//! [`Landed`]: a set is checked, and its token handed out from then on.

use std::time::Duration;

use super::Renewal;
use crate::error::{Error, ErrorKind, Result};
use crate::session::{Answer, TokenCheck, TokenSet};
use crate::store::StoreLock;
use crate::token::AccessToken;

/// What a renewal ends in.
#[derive(Clone, Debug)]
pub(in crate::cache) struct Landed {
    pub(in crate::cache) token: AccessToken,
}

impl Renewal {
    /// Hands out the token of `set`, which came from the server or from the store. Where that is `last`, what
    /// the run ends in, nobody joins it any more: they may have seen the token by then.
    pub(super) async fn hand_out(
        &self,
        set: &TokenSet,
        last: bool,
        lock: Option<&StoreLock>,
    ) -> Result<Landed> {
        let (parts, token) = (&self.parts, set.access());
        if parts.clock.now().wall >= token.dead_at() {
            let kept = set.id().filter(|_| set.new_id().is_none());
            if kept.is_some_and(|id| id.expose_secret() == token.expose_secret()) {
                return Err(
                    Error::interaction("the server gave no new ID token with the refresh")
                        .with_advice("log in again"),
                );
            }
            return Err(Error::protocol("the token ended before it arrived")
                .with_advice("set this machine's clock (NTP)"));
        }
        if let Some(check) = &parts.check {
            self.check(&**check, set, lock).await?;
        }
        if last {
            self.waiters.seal();
        }
        if !parts.cell.land(token, parts.clock.now()) {
            return Err(Error::refused(
                "the server keeps handing out a token that the API refuses",
            )
            .with_advice("check the token's audience and scope, and what the API asks for"));
        }
        Ok(Landed {
            token: token.clone(),
        })
    }

    /// The name of the check that a set must have passed, where passing is remembered.
    pub(super) fn check_name(&self) -> Option<&str> {
        self.parts.check.as_ref().and_then(|check| check.once())
    }

    /// Whether the check of a set from the store is done, or is each reader's own.
    pub(super) fn is_settled(&self, set: &TokenSet) -> bool {
        self.check_name().is_none_or(|name| {
            self.answer()
                .is_some_and(|answer| answer.token.is_same(set.access()) && answer.is_checked(name))
        })
    }

    /// The newest answer that has passed the check.
    pub(super) fn passed(&self) -> Option<AccessToken> {
        let name = self.check_name()?;
        self.answer()?.passed(name, self.parts.clock.now().wall)
    }

    fn answer(&self) -> Option<Answer> {
        self.parts.cell.answer(&self.parts.key.question())
    }

    /// The error, if somebody has just tried in vain to check what the store has, and what is at hand
    /// serves until somebody tries again.
    pub(super) fn left_unchecked(&self) -> Option<Error> {
        self.at_hand()?;
        let (name, answer) = (self.check_name()?, self.answer()?);
        let is_left = answer.is_left_unchecked(self.parts.clock.now().wall);
        (is_left && !answer.is_checked(name)).then(|| {
            Error::unavailable("the new token could not be checked: its keys could not be had")
                .with_advice("try again later")
        })
    }

    /// Has the set checked, unless the store remembers that it has passed.
    async fn check(
        &self,
        check: &dyn TokenCheck,
        set: &TokenSet,
        lock: Option<&StoreLock>,
    ) -> Result<()> {
        let name = check.once();
        if name.is_some() && self.is_settled(set) {
            return Ok(());
        }
        let outcome = check.check(set).await;
        let (cell, now) = (&self.parts.cell, self.parts.clock.now());
        let until = match &outcome {
            Ok(()) => None,
            Err(error) if is_undecided(error) => Some(now.wall + UNCHECKED),
            Err(_) => {
                cell.discard(set.access(), None, now);
                return outcome;
            }
        };
        // A check of what is true now leaves no mark.
        if let Some(name) = name {
            let (login, _) = cell.login();
            let mark = |answer: Answer| match until {
                Some(until) => answer.with_unchecked_until(until),
                None => answer.with_checked(name),
            };
            cell.amend(login.with_answer(&self.parts.key.question(), mark));
            self.parts.save(lock).await;
        }
        outcome
    }
}

/// Whether a check has said nothing about the token: its keys could not be had.
pub(super) fn is_undecided(error: &Error) -> bool {
    matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Config)
}

/// How long the others do without the check of a set whose keys could not be had.
const UNCHECKED: Duration = Duration::from_secs(10);
