//! [`StaticSource`]: a token from outside.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::error::{Challenge, Error, Result};
use crate::future::BoxFuture;
use crate::io::Io;
use crate::io::clock::Clock;
use crate::session::Need;
use crate::source::TokenSource;
use crate::store::SessionKey;
use crate::token::AccessToken;

/// One token from outside, handed out until it ends or is discarded. Never touches the network.
#[derive(Debug)]
pub struct StaticSource {
    token: AccessToken,
    session: Option<SessionKey>,
    clock: Arc<dyn Clock>,
    discarded: AtomicBool,
}

impl StaticSource {
    /// A source of `token` alone, which says nothing of whose it is: a
    /// [`TokenExchange`](crate::TokenExchange) of it wants a label. Once it has ended, `token()` is an error.
    pub fn new(token: AccessToken, io: &Io) -> Self {
        Self {
            token,
            session: None,
            clock: io.clock().clone(),
            discarded: AtomicBool::new(false),
        }
    }

    /// The token of a caller whom a service has checked: `subject` as `issuer` tells people apart. What is
    /// got on behalf of one caller is never given to another.
    pub fn of_caller(token: AccessToken, issuer: &str, subject: &str, io: &Io) -> Self {
        let session = Some(SessionKey::new(issuer, "", subject).with("caller", "checked"));
        Self {
            session,
            ..Self::new(token, io)
        }
    }

    /// The token, whether it works or not.
    pub(crate) fn given(&self) -> &AccessToken {
        &self.token
    }
}

impl TokenSource for StaticSource {
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        Box::pin(async move {
            let works = self.at_hand().filter(|token| {
                let left = token.expires_at().duration_since(self.clock.now().wall);
                !need.another && left.is_ok_and(|left| need.min_ttl <= left)
            });
            works.ok_or_else(|| {
                Error::interaction("the given access token has ended or was refused")
                    .with_advice("give a new one")
            })
        })
    }

    fn at_hand(&self) -> Option<AccessToken> {
        let works =
            !self.discarded.load(Ordering::Acquire) && self.clock.now().wall < self.token.dead_at();
        works.then(|| self.token.clone())
    }

    fn session(&self) -> Option<&SessionKey> {
        self.session.as_ref()
    }

    fn discard(&self, refused: &AccessToken, _challenge: Option<&Challenge>) {
        if refused.is_same(&self.token) {
            self.discarded.store(true, Ordering::Release);
        }
    }
}
