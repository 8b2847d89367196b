//! [`Renewal`]: load, lock, load again, exchange, save, check, mark, unlock.
//!
//! Between any two of these steps the process may die, and each may fail or take a while. Then, too, the store can be
//! read, no refresh token is sent again once its successor came, and a login is lost only between the server's answer
//! and the save. Whether a refresh token was sent whose successor was never kept stands in the lock: who is refused then
//! says so. It is sent again all the same, as soon as it is needed: servers that forgive a lost answer do so for less
//! than a minute, and to the others the login is over either way.

mod keeping;
mod known;
mod landing;
mod lock;
mod quest;

use std::sync::Arc;

use self::known::Known;
pub(super) use self::landing::Landed;
use self::lock::Lock;
pub(super) use self::quest::Quest;
use super::Parts;
use crate::error::{Challenge, Error, ErrorKind, Result};
use crate::flight::Waiters;
use crate::session::{Held, Login, TokenSet};
use crate::token::AccessToken;

/// One run of the cache law across processes, on a task of its own.
pub(super) struct Renewal {
    parts: Arc<Parts>,
    waiters: Waiters,
    quest: Quest,
    /// What was at hand by then.
    known: Option<AccessToken>,
    /// The login of another session that an exchange would start from.
    origin: Option<String>,
}

impl Renewal {
    pub(super) fn new(parts: Arc<Parts>, waiters: Waiters, quest: Quest) -> Self {
        let now = parts.clock.now();
        let known = parts.cell.working(now).map(|(token, _)| token);
        Self {
            parts,
            waiters,
            quest,
            known,
            origin: None,
        }
    }

    pub(super) async fn run(mut self) -> Result<Landed> {
        self.origin = self.parts.grant.origin().await;
        if !self.is_ours(&self.parts.cell.login().0) {
            self.parts.cell.forget();
        }
        let outcome = match &self.quest.remembered {
            Some(error) => return self.glance(error).await,
            None => self.attempt().await,
        };
        let error = match outcome {
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
        self.at_hand().map(|token| Landed { token }).ok_or(error)
    }

    /// Looks whether the store has a token in spite of what the server said last.
    async fn glance(&self, remembered: &Error) -> Result<Landed> {
        self.parts.load().await;
        let known = Known::Token(self.known.clone());
        let set = self.stored();
        match set.filter(|set| self.is_news(set.access(), &known)) {
            Some(set) if self.is_settled(&set) => {
                let landed = self.hand_out(&set, true, None).await?;
                self.parts.cell.succeeded();
                Ok(landed)
            }
            _ => Err(remembered.clone()),
        }
    }

    async fn attempt(&self) -> Result<Landed> {
        let unread = self.parts.load().await;
        if !self.quest.need.another
            && let Some(landed) = self.at_once().await
        {
            return landed;
        }
        let known = match unread {
            None => Known::Token(self.stored().map(|set| set.access().clone())),
            Some(_) => Known::Unread,
        };
        let lock = match self.lock(&known).await? {
            Lock::Needless(set) => return self.hand_out(&set, true, None).await,
            Lock::Anothers(token) => return Ok(Landed { token }),
            Lock::Ours(lock) => lock,
        };
        let outcome = self.under_lock(&lock, &known).await;
        if let Some(lock) = lock.held.and_then(Arc::into_inner) {
            lock.release().await;
        }
        outcome
    }

    /// One that works is handed out, so that nobody waits. `None` if a renewal is due all the same.
    async fn at_once(&self) -> Option<Result<Landed>> {
        let set = self.stored()?;
        let token = set.access();
        if !self.is_settled(&set) {
            // Whoever got it may still be checking it.
            let now = self.parts.clock.now();
            if let Some(token) = self.passed().filter(|token| self.works(token)) {
                self.parts.cell.land(&token, now);
            }
            return None;
        }
        if !self.works(token) {
            return None;
        }
        let last = self.is_enough(token);
        match self.hand_out(&set, last, None).await {
            // Where it may not be handed out, the renewal is what helps, unless keys are lacking that the
            // next one needs too.
            Err(error) if !landing::is_undecided(&error) => None,
            outcome => last.then_some(outcome),
        }
    }

    async fn under_lock(&self, lock: &lock::Ours, known: &Known) -> Result<Landed> {
        if let Some(set) = self
            .stored()
            .filter(|set| self.is_news(set.access(), known))
        {
            // It came meanwhile, or its check was left to the next.
            match self.hand_out(&set, true, lock.held.as_deref()).await {
                Err(error) if !landing::is_undecided(&error) => {}
                outcome => return outcome,
            }
        }
        let set = self.exchange(lock).await?;
        self.hand_out(&set, true, lock.held.as_deref()).await
    }

    /// Asks the grant, and once more where a refresh token turns out to be of no use.
    async fn exchange(&self, lock: &lock::Ours) -> Result<TokenSet> {
        let held = self.held(lock);
        tracing::debug!(session = %self.parts.key.session(), refresh = held.refresh().is_some(), "a renewal asks");
        // Where only a login can answer, the refresh token was not what was refused.
        let sends =
            held.refresh().is_some() && !held.challenge().is_some_and(Challenge::wants_login);
        let (outcome, held) = match self.parts.grant.exchange(&held).await {
            Err(error) if sends && is_of_no_use(&error) => {
                self.second_chance(error, held, lock).await
            }
            outcome => (outcome, held),
        };
        match outcome {
            Ok(set) => {
                if let Some(error) = &lock.trouble {
                    self.parts.report(error);
                }
                self.keep(&set, &held, lock.held.as_deref()).await;
                Ok(set)
            }
            Err(error) => {
                self.note(&error, &held, lock.held.as_deref()).await;
                Err(error)
            }
        }
    }

    /// A refusal of the refresh token is final only after one more look at the store; then, if no token
    /// works, the grant starts anew without it. Where the server wants a person, the refresh token stays.
    async fn second_chance(
        &self,
        error: Error,
        held: Held,
        lock: &lock::Ours,
    ) -> (Result<TokenSet>, Held) {
        self.parts.load().await;
        let mut next = self.held(lock);
        let same = match (next.refresh(), held.refresh()) {
            (Some(next), Some(held)) => next.is_same(held),
            (next, held) => next.is_none() && held.is_none(),
        };
        if same {
            if held.access().is_some() {
                return (Err(error), held);
            }
            tracing::debug!(session = %self.parts.key.session(), "the refresh token is of no use");
            // What an API asked for waits in the entry for a login: here is one.
            let (login, _) = self.parts.cell.login();
            let kept = login.challenge_of(&self.parts.key.question());
            let asked = error.challenge().or_else(|| next.challenge());
            let challenge = asked.or(kept).cloned();
            next = next.with_refresh(None).with_challenge(challenge);
        }
        let again = self.parts.grant.exchange(&next).await;
        let again = again.map_err(|again| match again.kind() {
            ErrorKind::Interaction => again.because(error),
            _ => again,
        });
        (again, next)
    }

    /// What is held for our question, in memory or as loaded just now.
    fn stored(&self) -> Option<TokenSet> {
        let (login, _) = self.parts.cell.login();
        login
            .set(&self.parts.key.question())
            .filter(|_| self.is_ours(&login))
    }

    fn held(&self, lock: &lock::Ours) -> Held {
        let (parts, now) = (&self.parts, self.parts.clock.now().wall);
        let (login, _) = parts.cell.login();
        // What memory could not save is lost already, unless the store works again.
        let unkept = lock
            .unkept
            .clone()
            .filter(|_| parts.cell.unsaved().is_none());
        let observer = parts.observer.clone();
        let held = Held::new()
            .with_observer(observer.map(|observer| (observer, parts.key.clone())))
            .with_challenge(parts.cell.challenge())
            .with_waiters(self.waiters.clone())
            .with_lock(lock.held.clone())
            .with_unkept(unkept);
        if !self.is_ours(&login) {
            return held.with_need(self.quest.need, now);
        }
        let access = self.stored().map(|set| set.access().clone());
        // While a refresh token is there, what an API once asked for is no reason to do without it.
        let asked = login.challenge_of(&parts.key.question()).cloned();
        let asked = asked.filter(|_| login.refresh.is_none());
        let challenge = parts.cell.challenge().or(asked);
        held.with_access(access.filter(|token| self.works(token)))
            .with_challenge(challenge)
            .with_refresh(login.refresh)
            .with_id(login.id)
            .with_account(login.account)
            .with_identity(login.identity)
            .with_notes(login.notes)
            .with_need(self.quest.need, now)
    }

    /// An entry of another user than the configured one counts as empty, and one that came from another login
    /// than there is now.
    fn is_ours(&self, login: &Login) -> bool {
        let is_of_user = match (self.parts.key.user(), login.account.as_deref()) {
            (Some(configured), Some(kept)) => {
                self.parts.grant.is_user(configured, kept) || login.identity() == Some(configured)
            }
            _ => true,
        };
        is_of_user && login.is_from(self.origin.as_deref())
    }

    /// What is at hand meanwhile, if it serves.
    fn at_hand(&self) -> Option<AccessToken> {
        let (token, _) = self.parts.cell.working(self.parts.clock.now())?;
        let serves = !self.quest.need.another && self.parts.lives(&token, self.quest.need.min_ttl);
        serves.then_some(token)
    }
}

/// Whether the server refused the refresh token, or wants a person instead.
fn is_of_no_use(error: &Error) -> bool {
    let wants_person = error.kind() == ErrorKind::Interaction && error.code().is_some();
    wants_person || error.is_dead_token()
}
