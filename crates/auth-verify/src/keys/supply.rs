//! [`Supply`]: keys that are fetched, and fetched again.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use arc_swap::ArcSwap;
use auth_core::clock::Now;
use auth_core::flight::Flight;
use auth_core::{Error, ErrorKind, Io, Result};

use super::bucket::Bucket;
use super::document;
use super::fetching::{Counts, Fetching, Reason, already, is_passing, missing, unasked};
use super::jwk::Reading;
use super::key::Key;
use super::place::Place;
use super::set::KeySet;
use super::state::{Age, Fetched, Good, State, failed, since, succeeded};
use super::stats::KeyStats;
use crate::Algorithm;
use crate::jws::Compact;
use crate::rejection::{Rejection, RejectionKind as Kind};

pub(super) struct Supply {
    pub(super) place: Place,
    pub(super) reading: Reading,
    pub(super) keep_removed: Duration,
    pub(super) loose: bool,
    pub(super) io: Io,
    pub(super) state: ArcSwap<State>,
    flight: Flight<Result<()>>,
    fetching: Arc<AtomicBool>,
    bucket: Bucket,
    /// Whether the last fetch for an unknown key was counted and has found nothing yet.
    charged: AtomicBool,
    counts: Counts,
}

impl Supply {
    pub(super) fn new(place: Place, io: Io) -> Self {
        Self {
            place,
            reading: Reading::default(),
            keep_removed: Duration::ZERO,
            loose: false,
            io,
            state: ArcSwap::default(),
            flight: Flight::new(),
            fetching: Arc::default(),
            bucket: Bucket::default(),
            charged: AtomicBool::new(false),
            counts: Counts::default(),
        }
    }

    /// The same settings and nothing fetched, but for a snapshot.
    pub(super) fn anew(&self) -> Self {
        let mut other = Self::new(self.place.clone(), self.io.clone());
        other.reading = self.reading.clone();
        other.keep_removed = self.keep_removed;
        other.loose = self.loose;
        other.state = ArcSwap::new(self.state.load_full());
        other
    }

    pub(super) fn start_with(&mut self, set: Arc<KeySet>) {
        self.state = ArcSwap::from_pointee(State {
            good: Some(Good {
                set,
                at: self.io.clock().now(),
                life: Duration::ZERO,
                renew_at: Duration::ZERO,
                written: None,
                earlier: Vec::new(),
            }),
            failing: None,
        });
    }

    pub(super) fn at_hand(
        self: &Arc<Self>,
        token: &Compact<'_>,
        algorithm: Algorithm,
    ) -> Option<Result<Arc<Key>, Rejection>> {
        let (state, now) = (self.state.load(), self.io.clock().now());
        let may_try = state.may_try(now);
        match state.age(now) {
            Age::Gone if may_try => return None,
            Age::Gone => {
                let failing = state.failing.as_ref()?;
                return Some(Err(Rejection::unavailable(failing.wait(now))));
            }
            // Nobody waits for an issuer that is known to be silent.
            Age::Stale if state.failing.is_none() => return None,
            Age::Due | Age::Stale if may_try && !self.is_fetching() => {
                drop(self.start(Reason::Due))
            }
            _ => {}
        }
        match state.find(token, algorithm, self.keep_removed, now) {
            Err(Kind::UnknownKey) if self.may_ask(&state, now) => None,
            Err(Kind::UnknownKey) => {
                self.counts.limited.fetch_add(1, Ordering::Relaxed);
                // Nobody asked, so nobody can say: the issuer may have published the key since.
                let error = match &state.failing {
                    Some(failing) => failing.wait(now),
                    None => unasked(self.bucket.wait(now.monotonic)),
                };
                Some(Err(Rejection::unavailable(error)))
            }
            found => Some(found.map_err(Rejection::from)),
        }
    }

    pub(super) async fn find(
        self: &Arc<Self>,
        token: &Compact<'_>,
        algorithm: Algorithm,
    ) -> Result<Arc<Key>, Rejection> {
        if let Some(decided) = self.at_hand(token, algorithm) {
            return decided;
        }
        let outcome = match self.state.load().age(self.io.clock().now()) {
            Age::Gone | Age::Stale => self.fetched(Reason::Cold).await,
            Age::Fresh | Age::Due => self.fetched(Reason::Unknown).await,
        };
        let (state, now) = (self.state.load(), self.io.clock().now());
        let found = match state.age(now) {
            Age::Gone => Err(Kind::UnknownKey),
            _ => state.find(token, algorithm, self.keep_removed, now),
        };
        match found {
            Err(Kind::UnknownKey) => Err(missing(outcome.err())),
            found => {
                if self.charged.swap(false, Ordering::Relaxed) {
                    self.bucket.give_back();
                }
                Ok(found?)
            }
        }
    }

    /// Fetches anew, after the fetch in progress if there is one: it may have been answered before now.
    pub(super) async fn renewed(self: &Arc<Self>) -> Result<()> {
        self.settled().await;
        self.fetched(Reason::Asked).await
    }

    /// Believes nothing that is at hand any more.
    pub(super) fn forget(&self) {
        self.state.store(Arc::default());
    }

    /// Waits for the fetch in progress, or starts one.
    pub(super) async fn fetched(self: &Arc<Self>, reason: Reason) -> Result<()> {
        let ticket = self.start(reason).ok_or_else(|| {
            Error::config("keys are fetched on a tokio runtime, and there is none")
                .with_advice("call auth_core::blocking from a synchronous program")
        })?;
        ticket.outcome().await.unwrap_or_else(|| {
            Err(Error::unavailable(
                "the fetch of keys panicked, or died with its runtime",
            ))
        })
    }

    pub(super) async fn settled(&self) {
        self.flight.settled().await;
    }

    pub(super) fn stats(&self) -> KeyStats {
        let (state, now) = (self.state.load(), self.io.clock().now());
        let good = state.good.as_ref();
        let load = |count: &AtomicU64| count.load(Ordering::Relaxed);
        KeyStats {
            fetched: load(&self.counts.fetched),
            failed: load(&self.counts.failed),
            limited: load(&self.counts.limited),
            keys: good.map_or(0, |good| good.set.len()),
            left_out: good.map_or(0, |good| good.set.left_out()),
            age: good.map(|good| since(good.at, now)),
        }
    }

    /// Whether an unknown key may lead to a fetch, or to waiting for the one in progress.
    fn may_ask(&self, state: &State, now: Now) -> bool {
        self.is_fetching() || (state.may_try(now) && self.bucket.has_token(now.monotonic))
    }

    fn start(self: &Arc<Self>, reason: Reason) -> Option<auth_core::flight::Ticket<Result<()>>> {
        let supply = self.clone();
        self.flight.join(move |_| {
            let fetching = Fetching::begin(supply.fetching.clone());
            async move {
                let fetched = supply.fetch(reason).await;
                drop(fetching);
                fetched
            }
        })
    }

    fn is_fetching(&self) -> bool {
        self.fetching.load(Ordering::Relaxed)
    }

    async fn fetch(&self, reason: Reason) -> Result<()> {
        let clock = self.io.clock();
        if reason == Reason::Unknown {
            let now = clock.now().monotonic;
            if !self.bucket.take(now) {
                return Err(unasked(self.bucket.wait(now)));
            }
            self.charged.store(true, Ordering::Relaxed);
        }
        let state = self.state.load_full();
        if let Some(settled) = already(reason, &state, clock.now()) {
            return settled;
        }
        let outcome = self.ask(reason, &state).await;
        let now = clock.now();
        match outcome {
            Ok(fetched) => {
                self.counts.fetched.fetch_add(1, Ordering::Relaxed);
                if state.failing.is_some() {
                    tracing::info!(place = ?self.place, "the keys can be fetched again");
                }
                let keep = match reason {
                    Reason::Asked => Duration::ZERO,
                    _ => self.keep_removed,
                };
                self.state
                    .store(Arc::new(succeeded(&state, fetched, keep, now)));
                Ok(())
            }
            Err(error) => {
                self.counts.failed.fetch_add(1, Ordering::Relaxed);
                let is_news = state.is_news(now);
                match error.kind() {
                    _ if !is_news => {}
                    ErrorKind::Config => {
                        tracing::error!(place = ?self.place, %error, "no other try will fetch the keys");
                    }
                    _ => tracing::warn!(place = ?self.place, %error, "the keys can't be fetched"),
                }
                self.state
                    .store(Arc::new(failed(&state, &error, is_news, now)));
                Err(error)
            }
        }
    }

    /// Asks, and once more if only time is lost by it. Both end with one deadline: somebody may have
    /// come to wait in the meantime.
    async fn ask(&self, reason: Reason, state: &State) -> Result<Option<Fetched>> {
        let known = state.good.as_ref().and_then(|good| good.written);
        let written = known.filter(|_| reason != Reason::Asked);
        let (clock, end) = (self.io.clock(), self.monotonic() + document::DEADLINE);
        let first = self.ask_once(written, document::DEADLINE).await;
        if reason != Reason::Due || !first.as_ref().is_err_and(is_passing) {
            return first;
        }
        match end.checked_sub(self.monotonic() + SECOND_TRY) {
            None => first,
            Some(left) => {
                clock.sleep(SECOND_TRY).await;
                self.ask_once(written, left).await
            }
        }
    }

    fn monotonic(&self) -> Duration {
        self.io.clock().now().monotonic
    }

    async fn ask_once(
        &self,
        written: Option<SystemTime>,
        left: Duration,
    ) -> Result<Option<Fetched>> {
        let document = document::fetch(&self.place, &self.io, written, left).await?;
        let Some(mut document) = document else {
            return Ok(None);
        };
        let set = document.read(&self.reading);
        let set = set.map_err(|error| self.place.blamed(error))?;
        Ok(Some(Fetched {
            set: Arc::new(match self.loose {
                true => set.with_loose_ids(),
                false => set,
            }),
            life: document.life,
            written: document.written,
        }))
    }
}

const SECOND_TRY: Duration = Duration::from_millis(250);
