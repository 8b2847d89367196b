//! One call of a source: what is known, or else the first token that lands.

use super::CachedSource;
use super::ready::Freshness;
use super::renewal::{Landed, Quest, Renewal};
use crate::error::{Error, Result};
use crate::flight::Joined;
use crate::session::{Ask, Need};
use crate::token::AccessToken;

impl CachedSource {
    /// The answer that needs no renewal, if there is one: a token at hand, or what the server said last.
    async fn known(&self, need: Need) -> Option<Result<AccessToken>> {
        let (parts, now) = (&self.0, self.0.clock.now());
        if !need.another
            && let Some((token, freshness)) = parts.cell.working(now)
        {
            let is_stale = freshness == Freshness::Stale;
            if parts.lives(&token, need.min_ttl) {
                if is_stale && !parts.cell.pauses(now) {
                    drop(self.start(Quest::of(Need::new())));
                }
                return Some(Ok(token));
            }
            if !is_stale && token.life() < need.min_ttl {
                return Some(Err(short_lived(&token)));
            }
        }
        let error = parts.cell.failure(now)?;
        // Somebody else may have had more luck meanwhile.
        let looking = match parts.cell.is_glance_due(now) {
            true => {
                let joined = self.start(Quest::glance(need, error.clone()));
                // Whoever is told from now on that nothing is due finds the one that looks.
                parts.cell.glanced(now);
                joined.ok().map(Joined::into_ticket)
            }
            false => parts.flight.running(Quest::is_glance),
        };
        let outcome = match looking {
            Some(ticket) => ticket.outcome().await,
            None => None,
        };
        Some(match outcome {
            Some(Ok(Landed { token })) if parts.lives(&token, need.min_ttl) => Ok(token),
            _ => Err(error),
        })
    }

    /// The first token that can be had: the outcome of a renewal, or before that a stale one that the
    /// store has.
    pub(super) async fn first(&self, need: Need) -> Result<AccessToken> {
        loop {
            let landed = self.0.cell.landed();
            if let Some(answer) = self.known(need).await {
                return answer;
            }
            let (mut ticket, is_ours) = match self.start(Quest::of(need))? {
                Joined::Aboard(ticket) => (ticket, true),
                Joined::After(ticket) => (ticket, false),
            };
            let asks = ticket.asks();
            let at_hand = async {
                landed.await;
                match self.0.cell.working(self.0.clock.now()) {
                    Some((token, _)) if !need.another && self.0.lives(&token, need.min_ttl) => {
                        token
                    }
                    _ => std::future::pending().await,
                }
            };
            tokio::select! {
                biased;
                token = at_hand => return Ok(token),
                () = asks, if need.ask == Ask::Nobody => return Err(Error::interaction("a person is being asked for this login")
                    .with_advice("wait until they have answered")),
                () = ticket.ended() => {}
            }
            let outcome = ticket.outcome().await.unwrap_or_else(|| {
                Err(Error::unavailable(
                    "the renewal panicked, or died with the runtime that it ran on",
                ))
            });
            match outcome {
                Ok(landed) if is_ours && self.0.lives(&landed.token, need.min_ttl) => {
                    return Ok(landed.token);
                }
                Ok(landed) if is_ours => return Err(short_lived(&landed.token)),
                Err(error) if is_ours => return Err(error),
                // It was for another need.
                _ => {}
            }
        }
    }

    /// Joins the renewal in progress, comes after it, or starts one.
    fn start(&self, quest: Quest) -> Result<Joined<Result<Landed>>> {
        let fits = |running: &Quest| running.covers(&quest);
        let renewal = |callers| Renewal::new(self.0.clone(), callers, quest.clone()).run();
        let joined = self.0.flight.join_if(quest.clone(), fits, renewal);
        joined.ok_or_else(|| {
            Error::config("tokens are renewed on a tokio runtime, and there is none")
                .with_advice("call auth_core::blocking from a synchronous program")
        })
    }
}

/// The error where the server's tokens are not what is needed.
fn short_lived(token: &AccessToken) -> Error {
    let life = token.life().as_secs();
    Error::config(format!(
        "the server's tokens live for {life} s, and a longer life is needed"
    ))
    .with_advice("ask for less")
}
