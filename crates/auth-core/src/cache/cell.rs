//! [`Cell`]: all that one source remembers between calls.

#![expect(
    clippy::disallowed_types,
    reason = "the cell owns what a source remembers"
)]

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use backon::ExponentialBackoff;
use tokio::sync::Notify;
use tokio::sync::futures::Notified;

use super::pause::{AFTER_REFUSAL, LONGEST, Refusals, pauses};
use super::ready::{Freshness, Ready};
use crate::error::{Challenge, Error, ErrorKind, Recall};
use crate::io::clock::Now;
use crate::session::{Answer, Login};
use crate::store::Generation;
use crate::token::AccessToken;
use crate::token::sha256;

/// How many refused tokens are remembered. Each is a renewal apart, so more can't come back.
const DISCARDED: usize = 32;

pub(super) struct Cell {
    ready: ArcSwapOption<Ready>,
    landed: Notify,
    past: Mutex<Past>,
}

/// What is known of the session. No lock on it is held over a wait.
#[derive(Default)]
struct Past {
    login: Option<Login>,
    generation: Option<Generation>,
    unsaved: bool,
    discarded: VecDeque<[u8; 32]>,
    /// The last of them that an API refused for good.
    refused: Option<[u8; 32]>,
    /// Refusals in a row of tokens that were issued just now.
    refusals: Refusals,
    challenge: Option<Challenge>,
    failure: Option<Failure>,
    pauses: Option<ExponentialBackoff>,
    /// When the store was last looked into because of a remembered failure.
    glanced: Option<Duration>,
    store_failed: bool,
}

struct Failure {
    error: Error,
    /// By the monotonic clock; `None` is for ever.
    until: Option<Duration>,
}

impl Cell {
    pub(super) fn new() -> Self {
        Self {
            ready: ArcSwapOption::empty(),
            landed: Notify::new(),
            past: Mutex::default(),
        }
    }

    /// The token, if it is fresh. Takes no lock and allocates nothing.
    pub(super) fn fresh(&self, now: Now) -> Option<AccessToken> {
        let ready = self.ready.load();
        let ready = ready.as_ref()?;
        ready.is_fresh(now).then(|| ready.token.clone())
    }

    /// The token, if it works.
    pub(super) fn working(&self, now: Now) -> Option<(AccessToken, Freshness)> {
        let ready = self.ready.load();
        let ready = ready.as_ref()?;
        Some((ready.token.clone(), ready.freshness(now)?))
    }

    /// Hands `token` out from now on. False if it was discarded.
    pub(super) fn land(&self, token: &AccessToken, now: Now) -> bool {
        let mut past = self.past();
        if past.is_discarded(token) {
            return false;
        }
        past.refusals.landed = now.monotonic;
        let ready = Ready::new(token.clone(), now);
        tracing::debug!(token = %token.fingerprint(), rest = ?ready.rest(now), "a token is at hand");
        self.ready.store(Some(Arc::new(ready)));
        self.landed.notify_waiters();
        true
    }

    /// What is at hand is not handed out any more: it is somebody else's.
    pub(super) fn forget(&self) {
        self.ready.store(None);
    }

    /// Completes when a token lands that was not at hand when this was called.
    pub(super) fn landed(&self) -> Notified<'_> {
        self.landed.notified()
    }

    /// As [`discard`](Self::discard), for a token that an API refused. One that asks for more is no word against the token:
    /// elsewhere it works.
    pub(super) fn refuse(&self, refused: &AccessToken, challenge: Option<&Challenge>, now: Now) {
        self.discard(refused, challenge, now);
        if !challenge.is_some_and(Challenge::wants_more) {
            self.past().refused = Some(hash(refused));
        }
    }

    /// Whether it is the last one that an API refused for good.
    pub(super) fn is_refused(&self, token: &AccessToken) -> bool {
        self.past().refused == Some(hash(token))
    }

    /// Never hands `refused` out again. Where an API refuses one token after the other as soon as they
    /// are issued, there is a pause as after a failed renewal.
    pub(super) fn discard(&self, refused: &AccessToken, challenge: Option<&Challenge>, now: Now) {
        tracing::debug!(token = %refused.fingerprint(), "a token was refused and is discarded");
        let mut past = self.past();
        if !past.is_discarded(refused) {
            past.discarded.truncate(DISCARDED - 1);
            past.discarded.push_front(hash(refused));
        }
        let ready = self.ready.load();
        let is_ours = |ready: &Arc<Ready>| hash(&ready.token) == hash(refused);
        if !ready.as_ref().is_some_and(is_ours) {
            return;
        }
        self.ready.store(None);
        past.challenge = challenge.cloned();
        if let Some(pause) = past.refusals.next(now) {
            let error = Error::refused("the API refuses tokens that were issued just now")
                .with_advice("check the token's audience and scope, and what the API asks for");
            past.failure = Some(Failure {
                error,
                until: Some(now.monotonic + pause),
            });
        }
    }

    pub(super) fn is_discarded(&self, token: &AccessToken) -> bool {
        self.past().is_discarded(token)
    }

    pub(super) fn challenge(&self) -> Option<Challenge> {
        self.past().challenge.clone()
    }

    /// What the server said last, if asking again now is no use.
    pub(super) fn failure(&self, now: Now) -> Option<Error> {
        let past = self.past();
        let failure = past.failure.as_ref()?;
        let remembered = failure.error.recall() != Recall::Never && failure.holds(now);
        remembered.then(|| failure.error.clone())
    }

    /// Whether it is time to look into the store in spite of what the server said last.
    pub(super) fn is_glance_due(&self, now: Now) -> bool {
        let last = self.past().glanced;
        last.is_none_or(|last| now.monotonic >= last + GLANCES)
    }

    /// Somebody has begun to look.
    pub(super) fn glanced(&self, now: Now) {
        self.past().glanced = Some(now.monotonic);
    }

    /// Whether the pause after a failure is not over.
    pub(super) fn pauses(&self, now: Now) -> bool {
        self.past()
            .failure
            .as_ref()
            .is_some_and(|failure| failure.holds(now))
    }

    pub(super) fn succeeded(&self) {
        let mut past = self.past();
        (past.failure, past.pauses) = (None, None);
    }

    pub(super) fn failed(&self, error: &Error, now: Now) {
        let mut past = self.past();
        let pause = past
            .pauses
            .get_or_insert_with(pauses)
            .next()
            .unwrap_or(LONGEST);
        let pause = match error.kind() {
            ErrorKind::Refused => pause.max(AFTER_REFUSAL),
            _ => pause.max(error.retry_after().unwrap_or_default()),
        };
        let until = (error.recall() != Recall::Always).then_some(now.monotonic + pause);
        past.failure = Some(Failure {
            error: error.clone(),
            until,
        });
    }

    /// Takes what the store has now as the truth, unless what memory has could not be saved since.
    pub(super) fn stored(&self, entry: Option<(Login, Generation)>) {
        let mut past = self.past();
        let generation = entry.as_ref().map(|(_, generation)| *generation);
        if past.unsaved && past.generation == generation {
            return;
        }
        let login = entry.map(|(login, _)| login);
        let both = past.login.as_ref().zip(login.as_ref());
        let is_another_person = both.is_some_and(|(old, new)| old.is_of_another_than(new));
        if is_another_person || (generation.is_none() && past.generation.is_some()) {
            // Somebody removed the entry, or logged in as somebody else: whoever it was is logged out.
            self.ready.store(None);
        }
        past.login = login;
        (past.generation, past.unsaved) = (generation, false);
    }

    /// What is held now, and the generation of the store's entry that it replaces.
    pub(super) fn login(&self) -> (Login, Option<Generation>) {
        let past = self.past();
        (past.login.clone().unwrap_or_default(), past.generation)
    }

    /// What is held for `question`, if there is anything.
    pub(super) fn answer(&self, question: &str) -> Option<Answer> {
        let past = self.past();
        past.login.as_ref()?.answer(question).cloned()
    }

    /// What could not be saved, if that is so.
    pub(super) fn unsaved(&self) -> Option<Login> {
        let past = self.past();
        past.login.clone().filter(|_| past.unsaved)
    }

    /// New tokens are kept here before they are saved. They have answered what the server asked for.
    pub(super) fn keep(&self, login: Login) {
        self.amend(login);
        self.past().challenge = None;
    }

    /// What is held changed in something else.
    pub(super) fn amend(&self, login: Login) {
        let mut past = self.past();
        past.login = Some(login);
        past.unsaved = true;
    }

    /// A server asks for more than the tokens at hand.
    pub(super) fn challenged(&self, challenge: Option<Challenge>) {
        self.past().challenge = challenge;
    }

    pub(super) fn saved(&self, generation: Generation) {
        let mut past = self.past();
        past.generation = Some(generation);
        past.unsaved = false;
    }

    /// Notes whether the store works; true if that is news worth a warning.
    pub(super) fn store_works(&self, works: bool) -> bool {
        let mut past = self.past();
        let news = !works && !past.store_failed;
        past.store_failed = !works;
        news
    }

    fn past(&self) -> MutexGuard<'_, Past> {
        self.past.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Past {
    fn is_discarded(&self, token: &AccessToken) -> bool {
        !self.discarded.is_empty() && self.discarded.contains(&hash(token))
    }
}

impl Failure {
    fn holds(&self, now: Now) -> bool {
        self.until.is_none_or(|until| now.monotonic < until)
    }
}

/// How often the store is looked into while a failure is remembered.
const GLANCES: Duration = Duration::from_secs(1);

fn hash(token: &AccessToken) -> [u8; 32] {
    sha256(token.expose_secret().as_bytes())
}
