//! [`Callers`]: what a service got on behalf of those who call it.

#![expect(
    clippy::disallowed_types,
    reason = "it owns what a service remembers of its callers"
)]

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use arc_swap::ArcSwap;

use super::CachedSource;
use crate::error::{Challenge, Error, Result};
use crate::future::BoxFuture;
use crate::session::Need;
use crate::source::{StaticSource, TokenSource};
use crate::store::SessionKey;
use crate::token::AccessToken;

/// The callers of a service, and for each the source of what is got on the caller's behalf: by a
/// [`TokenExchange`](crate::TokenExchange) or another grant that starts from the caller's token.
///
/// One caller has one source, whichever of the caller's tokens comes with a call: what is got starts from the
/// one that ends last. At most so many callers are known as was said at the start: the least recently
/// seen goes, and so does, when somebody new comes, whose last token has ended. Who comes again starts anew.
/// Safe for concurrent use; spawns nothing.
pub struct Callers {
    capacity: usize,
    exchange: Box<Exchange>,
    known: Mutex<Known>,
}

type Exchange = dyn Fn(Arc<dyn TokenSource>) -> Result<CachedSource> + Send + Sync;

#[derive(Default)]
struct Known {
    seats: HashMap<SessionKey, Seat>,
    /// Counts the calls: who was seen last has the highest number.
    calls: u64,
}

struct Seat {
    subject: Arc<Newest>,
    source: CachedSource,
    seen: u64,
}

impl Callers {
    /// Knows at most `capacity` callers (at least one). `exchange` makes the source of a new one from the
    /// caller's tokens, and does no I/O.
    pub fn new(
        capacity: usize,
        exchange: impl Fn(Arc<dyn TokenSource>) -> Result<CachedSource> + Send + Sync + 'static,
    ) -> Self {
        Self {
            capacity: capacity.max(1),
            exchange: Box::new(exchange),
            known: Mutex::default(),
        }
    }

    /// The source of what is got on behalf of `caller`, whose token was checked
    /// ([`StaticSource::of_caller`]). Does no I/O.
    ///
    /// # Errors
    /// `Config` where `caller` does not say who it is; those of the function that makes the source.
    pub fn source(&self, caller: StaticSource) -> Result<CachedSource> {
        let Some(who) = caller.session().cloned() else {
            return Err(
                Error::config("the token of a caller does not say who calls")
                    .with_advice("give the issuer and the subject that its check found"),
            );
        };
        let caller = Arc::new(caller);
        if let Some(source) = self.known(|known| known.greet(&who, &caller)) {
            return Ok(source);
        }
        let subject = Arc::new(Newest {
            who: who.clone(),
            caller: ArcSwap::new(caller.clone()),
        });
        let source = (self.exchange)(subject.clone())?;
        Ok(self.known(|known| {
            // Another call of the same caller may have been quicker.
            let quicker = known.greet(&who, &caller);
            quicker.unwrap_or_else(|| known.seat(self.capacity, who, subject, source))
        }))
    }

    fn known<R>(&self, work: impl FnOnce(&mut Known) -> R) -> R {
        work(&mut self.known.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Known {
    /// The source of a known caller, which starts from this token if that is the better one.
    fn greet(&mut self, who: &SessionKey, caller: &Arc<StaticSource>) -> Option<CachedSource> {
        let seat = self.seats.get_mut(who)?;
        self.calls += 1;
        seat.seen = self.calls;
        seat.subject.offer(caller);
        Some(seat.source.clone())
    }

    /// Gives a new caller a place, and that of somebody else where there is none left.
    fn seat(
        &mut self,
        capacity: usize,
        who: SessionKey,
        subject: Arc<Newest>,
        source: CachedSource,
    ) -> CachedSource {
        self.seats
            .retain(|_, seat| seat.subject.at_hand().is_some());
        if self.seats.len() >= capacity {
            let least = self.seats.iter().min_by_key(|(_, seat)| seat.seen);
            if let Some(least) = least.map(|(who, _)| who.clone()) {
                self.seats.remove(&least);
            }
        }
        self.calls += 1;
        let seat = Seat {
            subject,
            source: source.clone(),
            seen: self.calls,
        };
        self.seats.insert(who, seat);
        source
    }
}

impl fmt::Debug for Callers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.known(|known| known.seats.len());
        f.debug_struct("Callers")
            .field("capacity", &self.capacity)
            .field("known", &known)
            .finish_non_exhaustive()
    }
}

/// The token of one caller that ends last.
#[derive(Debug)]
struct Newest {
    who: SessionKey,
    caller: ArcSwap<StaticSource>,
}

impl Newest {
    /// Takes `other` where it ends later, or where what is here no longer works. One that was refused does not
    /// come back.
    fn offer(&self, other: &Arc<StaticSource>) {
        let own = self.caller.load();
        let is_better = match own.at_hand() {
            Some(token) => other.given().expires_at() > token.expires_at(),
            None => !other.given().is_same(own.given()),
        };
        if is_better {
            self.caller.store(other.clone());
        }
    }
}

impl TokenSource for Newest {
    fn get(&self, need: Need) -> BoxFuture<'_, Result<AccessToken>> {
        let caller = self.caller.load_full();
        Box::pin(async move { caller.get(need).await })
    }

    fn at_hand(&self) -> Option<AccessToken> {
        self.caller.load().at_hand()
    }

    fn session(&self) -> Option<&SessionKey> {
        Some(&self.who)
    }

    fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>) {
        self.caller.load().discard(refused, challenge);
    }
}
