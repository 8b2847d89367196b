//! [`Renewal`]: load, lock, load again, exchange, save, unlock; then check and hand out.

mod landing;
mod lock;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

pub(super) use self::landing::Landed;
use super::Parts;
use super::ready::early;
use crate::error::{Error, ErrorKind, Result};
use crate::flight::Callers;
use crate::session::{Held, Login, Need, TokenSet};
use crate::store::StoreLock;
use crate::token::AccessToken;

/// One run of the cache law across processes, on a task of its own.
pub(super) struct Renewal {
    parts: Arc<Parts>,
    callers: Callers,
    need: Need,
    /// Why what comes next can't be kept.
    unkept: OnceLock<Error>,
}

impl Renewal {
    pub(super) fn new(parts: Arc<Parts>, callers: Callers, need: Need) -> Self {
        Self {
            parts,
            callers,
            need,
            unkept: OnceLock::new(),
        }
    }

    pub(super) async fn run(self) -> Result<Landed> {
        let error = match self.attempt().await {
            Ok(landed) => {
                self.parts.cell.succeeded();
                return Ok(landed);
            }
            Err(error) => error,
        };
        tracing::debug!(session = %self.parts.key.session(), %error, "a renewal failed");
        let now = self.parts.clock.now();
        self.parts.cell.failed(&error, now);
        // A failed renewal never displaces a token that works.
        match self.parts.cell.working(now) {
            Some((token, _)) if self.serves(&token) => Ok(Landed {
                token,
                asked: false,
            }),
            _ => Err(error),
        }
    }

    async fn attempt(&self) -> Result<Landed> {
        self.load().await;
        let known = self.stored();
        if let Some(set) = known.as_ref().filter(|_| !self.need.another) {
            let is_enough = self.is_enough(set);
            if is_enough || self.parts.clock.now().wall < set.access().dead_at() {
                // One that works is handed out, so that nobody waits. Where it may not be handed out, the
                // renewal is what helps, unless keys are lacking that the next one needs too.
                match self.hand_out(set, false, None).await {
                    Err(error) if error.kind() != ErrorKind::Unavailable => {}
                    outcome if is_enough => return outcome,
                    _ => {}
                }
            }
        }
        let known = known.as_ref().map(TokenSet::access);
        let Some(lock) = self.lock(known).await? else {
            // Another process renewed meanwhile.
            return match self.stored() {
                Some(set) => self.hand_out(&set, true, None).await,
                None => Err(Error::unavailable("the stored token went away")),
            };
        };
        let set = self.exchange(lock.clone()).await?;
        self.hand_out(&set, true, lock.as_deref()).await
    }

    /// Asks the grant, and once more where a refresh token turns out to be dead.
    async fn exchange(&self, lock: Option<Arc<StoreLock>>) -> Result<TokenSet> {
        let held = self.held(lock.clone());
        tracing::debug!(session = %self.parts.key.session(), refresh = held.refresh().is_some(), "a renewal asks");
        let (set, held) = match self.parts.grant.exchange(&held).await {
            Err(error) if error.is_refusal("invalid_grant") && held.refresh().is_some() => {
                self.second_chance(error, held, lock.clone()).await?
            }
            Err(error) => {
                self.drop_if_spent(&held, lock.as_deref()).await;
                return Err(error);
            }
            Ok(set) => (set, held),
        };
        self.keep(&set, &held, lock.as_deref()).await;
        Ok(set)
    }

    /// Spent is spent, whatever the answer was worth: a refresh token that the server has replaced is
    /// never sent again.
    async fn drop_if_spent(&self, held: &Held, lock: Option<&StoreLock>) {
        if held.is_spent() {
            let (login, _) = self.parts.cell.login();
            self.parts.cell.keep(login.without_refresh());
            self.save(lock).await;
        }
    }

    /// `invalid_grant` is final only after one more look at the store; then, if no token works, the
    /// refresh token is dropped.
    async fn second_chance(
        &self,
        error: Error,
        held: Held,
        lock: Option<Arc<StoreLock>>,
    ) -> Result<(TokenSet, Held)> {
        self.load().await;
        let mut next = self.held(lock);
        let same = match (next.refresh(), held.refresh()) {
            (Some(next), Some(held)) => next.is_same(held),
            (next, held) => next.is_none() && held.is_none(),
        };
        if same {
            if held.access().is_some() {
                return Err(error);
            }
            tracing::debug!(session = %self.parts.key.session(), "the refresh token is dead and is dropped");
            next = next.with_refresh(None);
        }
        let again = self.parts.grant.exchange(&next).await;
        let set = again.map_err(|again| match again.kind() {
            ErrorKind::Interaction => again.with_source(error),
            _ => again,
        })?;
        Ok((set, next))
    }

    /// Memory first, then the store.
    async fn keep(&self, set: &TokenSet, held: &Held, lock: Option<&StoreLock>) {
        let (parts, now) = (&self.parts, self.parts.clock.now().wall);
        let (login, _) = parts.cell.login();
        let login = if self.is_of_user(&login) {
            login
        } else {
            Login::default()
        };
        let login = login.after(&parts.key.question(), set, now);
        parts.cell.keep(login);
        self.save(lock).await;
        let rotated = match (set.refresh(), held.refresh()) {
            (Some(new), Some(old)) => !new.is_same(old),
            // One that was given from outside is not held.
            _ => set.is_rotated(),
        };
        if let (true, Some(refresh), Some(observer)) = (rotated, set.refresh(), &parts.observer) {
            observer.rotated(&parts.key, refresh);
        }
    }

    /// Writes down what memory has.
    async fn save(&self, lock: Option<&StoreLock>) {
        let Some(lock) = lock else { return };
        let (parts, (login, generation)) = (&self.parts, self.parts.cell.login());
        let saved = match login.encode(parts.key.session()) {
            Ok(bytes) => parts.store.save(lock, generation, &bytes).await,
            Err(error) => Err(error),
        };
        match saved {
            Ok(generation) => {
                tracing::debug!(session = %parts.key.session(), "the new tokens are saved");
                parts.cell.saved(generation);
                parts.cell.store_works(true);
            }
            Err(error) => self.report(&error),
        }
    }

    /// Looks into the store. What can't be read leaves memory as it is.
    async fn load(&self) {
        let (parts, session) = (&self.parts, self.parts.key.session());
        let loaded = match parts.store.load(session).await {
            Ok(None) => Ok(None),
            Ok(Some(entry)) => Login::decode(&entry.bytes, session)
                .map(|login| Some((login.unwrap_or_default(), entry.generation))),
            Err(error) => Err(error),
        };
        match loaded {
            Ok(entry) => parts.cell.stored(entry),
            Err(error) => self.report(&error),
        }
    }

    /// What is held for our question, in memory or as loaded just now.
    fn stored(&self) -> Option<TokenSet> {
        let (login, _) = self.parts.cell.login();
        login
            .set(&self.parts.key.question())
            .filter(|_| self.is_of_user(&login))
    }

    fn held(&self, lock: Option<Arc<StoreLock>>) -> Held {
        let (parts, now) = (&self.parts, self.parts.clock.now().wall);
        let (login, _) = parts.cell.login();
        let held = Held::new()
            .with_challenge(parts.cell.challenge())
            .with_callers(self.callers.clone())
            .with_lock(lock)
            .with_unkept(self.unkept.get().cloned())
            .with_need(self.need, now);
        if !self.is_of_user(&login) {
            return held;
        }
        let access = self.stored().map(|set| set.access().clone());
        let works = |token: &AccessToken| now < token.dead_at() && !parts.cell.is_discarded(token);
        held.with_access(access.filter(works))
            .with_refresh(login.refresh)
            .with_id(login.id)
            .with_account(login.account)
            .with_notes(login.notes)
            .with_need(self.need, now)
    }

    /// An entry of another user than the configured one counts as empty.
    fn is_of_user(&self, login: &Login) -> bool {
        match (self.parts.key.user(), login.account.as_deref()) {
            (Some(configured), Some(kept)) => configured == kept,
            _ => true,
        }
    }

    /// Fresh, not discarded, and long-lived enough.
    fn is_enough(&self, set: &TokenSet) -> bool {
        let (token, now) = (set.access(), self.parts.clock.now().wall);
        let plausible = token.obtained_at() <= now + CLOCK_STEP;
        plausible
            && now < early(token)
            && self.parts.lives(token, self.need.min_ttl)
            && !self.parts.cell.is_discarded(token)
    }

    fn serves(&self, token: &AccessToken) -> bool {
        !self.need.another && self.parts.lives(token, self.need.min_ttl)
    }

    fn report(&self, error: &Error) {
        if self.parts.cell.store_works(false) {
            tracing::warn!(%error, "the token store fails; tokens are kept in memory only");
            if let Some(observer) = &self.parts.observer {
                observer.store_failed(&self.parts.key, error);
            }
        }
    }
}

/// A stored token from further in the future was written under a wrong clock.
const CLOCK_STEP: Duration = Duration::from_secs(60);
