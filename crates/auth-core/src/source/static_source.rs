//! [`StaticSource`]: a token from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Challenge, Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::{Clock, SystemClock};
use crate::source::TokenSource;
use crate::token::AccessToken;

/// One token from outside, handed out until it ends or is discarded. Never touches the network.
#[derive(Debug)]
pub struct StaticSource {
    token: AccessToken,
    clock: Arc<dyn Clock>,
    discarded: AtomicBool,
}

impl StaticSource {
    /// A source of `token` alone.
    pub fn new(token: AccessToken) -> Self {
        Self {
            token,
            clock: Arc::new(SystemClock::new()),
            discarded: AtomicBool::new(false),
        }
    }
}

impl TokenSource for StaticSource {
    fn at_hand(&self) -> Option<AccessToken> {
        let works =
            !self.discarded.load(Ordering::Acquire) && self.clock.now().wall < self.token.dead_at();
        works.then(|| self.token.clone())
    }

    fn token(&self) -> BoxFuture<'_, Result<AccessToken>> {
        Box::pin(async {
            self.at_hand().ok_or_else(|| {
                Error::interaction("the given access token has ended or was refused")
                    .with_advice("give a new one")
            })
        })
    }

    fn discard(&self, refused: &AccessToken, _challenge: Option<&Challenge>) {
        if refused.is_same(&self.token) {
            self.discarded.store(true, Ordering::Release);
        }
    }
}
