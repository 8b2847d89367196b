//! [`Ready`]: a token in memory, with its times on both clocks.

use std::time::{Duration, SystemTime};

use crate::io::clock::Now;
use crate::token::AccessToken;
use crate::token::sha256;

/// Whether a token that works should be renewed ahead of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    Fresh,
    Stale,
}

/// A token that may be handed out until either clock says that it is over.
pub(super) struct Ready {
    pub(super) token: AccessToken,
    stale: Now,
    dead: Now,
}

impl Ready {
    pub(super) fn new(token: AccessToken, now: Now) -> Self {
        let ahead = |time: SystemTime| {
            // The monotonic clock never grants more than the token's whole life from now.
            let left = time
                .duration_since(now.wall)
                .unwrap_or_default()
                .min(token.life());
            Now::new(time, now.monotonic + left)
        };
        Self {
            stale: ahead(early(&token)),
            dead: ahead(token.dead_at()),
            token,
        }
    }

    pub(super) fn is_fresh(&self, now: Now) -> bool {
        is_before(now, &self.stale)
    }

    /// `None` once it is dead.
    pub(super) fn freshness(&self, now: Now) -> Option<Freshness> {
        let works = is_before(now, &self.dead);
        works.then(|| {
            if self.is_fresh(now) {
                Freshness::Fresh
            } else {
                Freshness::Stale
            }
        })
    }

    /// How long it still works.
    pub(super) fn rest(&self, now: Now) -> Duration {
        let wall = self.dead.wall.duration_since(now.wall).unwrap_or_default();
        wall.min(self.dead.monotonic.saturating_sub(now.monotonic))
    }
}

/// When to renew `token`: up to a twentieth of its life ahead of time, so that many tokens of one age
/// are not renewed at once. The same for the same token, wherever it is asked.
pub(super) fn early(token: &AccessToken) -> SystemTime {
    let luck = f64::from(sha256(token.expose_secret().as_bytes())[0]) / 255.0;
    let jitter = (token.life() / 20).mul_f64(luck);
    token
        .stale_at()
        .checked_sub(jitter)
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

fn is_before(now: Now, end: &Now) -> bool {
    now.wall < end.wall && now.monotonic < end.monotonic
}
