//! Where a new login goes: to where the old one is, or to its end.

use std::sync::atomic::Ordering;
use std::time::SystemTime;

use auth_core::clock::{Clock, SystemClock, bound};
use auth_core::endpoint::LoggedOut;
use auth_core::session::{Replaced, transfer};
use auth_core::store::{Attempt, SessionKey, StoreLock, TokenStore};
use auth_core::{ErrorKind, Result, TokenSource};

use super::NewLogin;
use crate::args::WayArgs;
use crate::failure::Failure;
use crate::interrupt;
use crate::notices;
use crate::output::message;
use crate::store::Place;

impl NewLogin {
    /// Ends it at the server: what came of it got nowhere. Never where that could end a login that is kept.
    ///
    /// # Errors
    /// As [`TokenEndpoint::revoke`](auth_core::TokenEndpoint::revoke). One that can't be ended is no reason to leave the others.
    pub(crate) async fn take_back(&self) -> Result<()> {
        let mut outcome = Ok(());
        for (session, endpoint) in &self.sessions {
            let ended = endpoint.take_back(&*self.store, session, &*self.kept).await;
            outcome = outcome.and_then(|()| ended.and_then(LoggedOut::done));
        }
        outcome
    }

    /// Makes sure that it can be kept in `place`, before somebody goes to the trouble, or a token is spent.
    ///
    /// # Errors
    /// `Store` if it can't.
    pub(crate) async fn ensure_room(&self, place: &Place) -> Result<()> {
        for (session, _) in &self.sessions {
            place.ensure_room(session).await?;
        }
        Ok(())
    }

    /// The turn to ask the person: of processes that want the same login at once, as kubectl starts them, one after the other,
    /// as long as that one is asking. It ends when it is dropped.
    ///
    /// # Errors
    /// As [`StoreLock::wait`].
    pub(crate) async fn turn(&self, store: &dyn TokenStore, way: &WayArgs) -> Result<StoreLock> {
        let told = |until| notices::say_waiting(self.session(), until);
        let session = asking(self.session());
        let turn = StoreLock::wait_to_remove(store, &session, &SystemClock::new(), &told).await?;
        turn.announce(Some(in_time(way))).await;
        Ok(turn)
    }

    /// The same for somebody who waits for nobody: they come without it.
    pub(crate) async fn turn_at_once(
        &self,
        store: &dyn TokenStore,
        way: &WayArgs,
    ) -> Option<StoreLock> {
        let turn = store.lock_to_remove(&asking(self.session())).await;
        let Ok(Attempt::Locked(turn)) = turn else {
            return None;
        };
        turn.announce(Some(in_time(way))).await;
        Some(turn)
    }

    /// Runs `work`, which makes and keeps it. Where somebody interrupts that, what has come by then is kept all the
    /// same: the token that it took the place of may be spent.
    ///
    /// # Errors
    /// Those of `work`, or `Interrupted`.
    pub(crate) async fn settling(
        &self,
        store: &dyn TokenStore,
        work: impl Future<Output = Result<(), Failure>>,
    ) -> Result<(), Failure> {
        let outcome = interrupt::settling(&self.source, true, work).await;
        let is_interrupted = matches!(outcome, Err(Failure::Interrupted));
        if is_interrupted && self.source.at_hand().is_some() && !self.is_kept() {
            self.keep(Ok(()), store).await?;
            message::note("the login came in the meantime, and is kept");
        }
        outcome
    }

    fn is_kept(&self) -> bool {
        self.is_kept.load(Ordering::Acquire)
    }

    /// Puts it where the old one is. A login that came but could not be checked is kept too: it is
    /// checked before it is used. What can't be kept is ended at the server.
    ///
    /// # Errors
    /// `outcome`, and those of `store`.
    pub(crate) async fn keep(&self, outcome: Result<()>, store: &dyn TokenStore) -> Result<()> {
        match outcome {
            Err(error) if error.kind() != ErrorKind::Unavailable => return Err(error),
            _ => {}
        }
        if self.store.list().await?.is_empty() {
            return outcome;
        }
        let sessions = self.sessions.iter().map(|(session, _)| session.clone());
        let sessions: Vec<_> = sessions.collect();
        let told = |until| notices::say_waiting(self.session(), until);
        let clock = SystemClock::new();
        let replaced = match transfer(&*self.store, store, &sessions, &clock, &told).await {
            Ok(replaced) => replaced,
            Err(error) => {
                return Err(match self.take_back().await {
                    Ok(()) => error.context("the new login could not be kept, and was ended again"),
                    Err(_) => error.context("the new login could not be kept, and lives on unseen"),
                });
            }
        };
        self.is_kept.store(true, Ordering::Release);
        self.end(&replaced).await;
        outcome.map_err(|error| {
            error
                .context("the login is kept, but it could not be checked")
                .with_advice("it is checked before it is used: try that later")
        })
    }

    /// Ends what it took the place of: nobody could do that later.
    async fn end(&self, replaced: &[Replaced]) {
        for old in replaced {
            let mut all = self.sessions.iter();
            let Some((_, endpoint)) = all.find(|(session, _)| session == old.session()) else {
                continue;
            };
            // A server that ends nothing is told nothing.
            if let Err(why) = endpoint.end_replaced(old).await
                && why.kind() != ErrorKind::Config
            {
                message::warn(&format!(
                    "the login that was kept before lives on at the server: {}",
                    why.message()
                ));
            }
        }
    }
}

/// Under which name the turn to ask for the login of `session` is taken: nothing is kept there, and the login itself stays
/// free for whoever renews it.
fn asking(session: &SessionKey) -> SessionKey {
    session.clone().with("entry", "asking")
}

/// When whoever asks will have given up.
fn in_time(way: &WayArgs) -> SystemTime {
    SystemClock::new().now().wall + bound::length(way.timeout)
}
