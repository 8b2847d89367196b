//! [`Known`]: what there was when a renewal began, and what a token is worth beside it.

use std::time::Duration;

use super::Renewal;
use crate::cache::ready::early;
use crate::token::AccessToken;

/// What the store had when a renewal began.
pub(super) enum Known {
    Token(Option<AccessToken>),
    /// It could not be read.
    Unread,
}

impl Renewal {
    /// Whether it may be handed out: not dead, not discarded, and not written under a wrong clock.
    pub(super) fn works(&self, token: &AccessToken) -> bool {
        let now = self.parts.clock.now().wall;
        token.obtained_at() <= now + CLOCK_STEP
            && now < token.dead_at()
            && !self.parts.cell.is_discarded(token)
    }

    /// Not yet to be renewed.
    fn is_fresh(&self, token: &AccessToken) -> bool {
        self.works(token) && self.parts.clock.now().wall < early(token)
    }

    /// Fresh, and long-lived enough.
    pub(super) fn is_enough(&self, token: &AccessToken) -> bool {
        self.is_fresh(token) && self.parts.lives(token, self.quest.need.min_ttl)
    }

    /// Whether this one, found in the store, makes a renewal needless although `known` did not. Another
    /// process may have wanted another one, too, and got it after we began. One that never lived as long
    /// as is needed says that the next will not either.
    pub(super) fn is_news(&self, token: &AccessToken, known: &Known) -> bool {
        let need = self.quest.need;
        let known = match known {
            // It may have been there.
            Known::Unread if need.another => return false,
            Known::Unread => None,
            Known::Token(known) => known.as_ref(),
        };
        let mut old = [self.known.as_ref(), known].into_iter().flatten();
        let is_new = old.all(|old| !old.is_same(token));
        let is_short = is_new && self.is_fresh(token) && token.life() < need.min_ttl;
        is_short || ((is_new || !need.another) && self.is_enough(token))
    }
}

/// A stored token from further in the future was written under a wrong clock.
const CLOCK_STEP: Duration = Duration::from_secs(60);
