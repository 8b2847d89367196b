//! [`Account`]: what belongs to a person at an issuer, whichever client they log in to.

mod waiting;

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use self::waiting::Waiting;
use super::{Held, Login, Secret, TYPING};
use crate::error::{Error, ErrorKind, Result};
use crate::io::Io;
use crate::io::clock::{Clock, bound};
use crate::store::{
    Entry, Generation, MemoryStore, SessionKey, StoreLock, TokenStore, Waited, wait,
};

/// What belongs to a person at an issuer and not to one client: notes that several logins share, such as the
/// cookies of a single sign-on or the last one-time password that was spent. Kept in an entry of its own, which
/// names no client ([`SessionKey::of_account`]).
///
/// A grant that needs it holds one and locks it inside its exchange, after its own session: locks are taken in the
/// order exchange, subject, account, and nothing but what is [of everybody](Self::of_everybody) is locked while an
/// account is held. `Clone` is another handle.
/// Making one does no I/O.
#[derive(Clone, Debug)]
pub struct Account {
    session: SessionKey,
    store: Arc<dyn TokenStore>,
    /// Where it is kept while the store fails.
    memory: Arc<dyn TokenStore>,
    clock: Arc<dyn Clock>,
}

impl Account {
    /// The account of the person who is called `label` here, at `issuer`; kept in memory.
    pub fn new(issuer: impl Into<String>, label: impl Into<String>, io: &Io) -> Self {
        let memory = Arc::new(MemoryStore::new());
        Self {
            session: SessionKey::of_account(issuer, label),
            store: memory.clone(),
            memory,
            clock: io.clock().clone(),
        }
    }

    /// Keeps it in `store`, where other processes find it.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn TokenStore>) -> Self {
        Self { store, ..self }
    }

    /// Under which name it is kept.
    pub fn session(&self) -> &SessionKey {
        &self.session
    }

    /// What belongs to all persons at the issuer, such as which one-time codes were sent: one device may be known under
    /// several labels. Kept where this one is. It is locked last, and for no longer than it takes to note something.
    #[must_use]
    pub fn of_everybody(&self) -> Self {
        Self {
            session: SessionKey::of_everybody(self.session.issuer()),
            ..self.clone()
        }
    }

    /// Whether something is kept of it, be it readable or not.
    ///
    /// # Errors
    /// `Store`.
    pub async fn is_kept(&self) -> Result<bool> {
        self.store.holds(&self.session).await
    }

    /// Forgets it, under its `lock`. Says whether there was anything to forget.
    ///
    /// # Errors
    /// `Store`.
    pub async fn forget(&self, lock: &StoreLock) -> Result<bool> {
        let was_kept = self.is_kept().await?;
        self.store.remove(lock).await?;
        Ok(was_kept)
    }

    /// Waits until the account is ours, as long as whoever has it makes progress or asks a person; those who wait
    /// for the session of `held` are told so. Then reads it. A store that fails is reported (one warning), and the
    /// account is kept in memory.
    ///
    /// # Errors
    /// `Unavailable` if somebody else does not let go; `Interaction` when nobody waits for the outcome any more.
    pub async fn lock<'a>(&'a self, held: &'a Held) -> Result<LockedAccount<'a>> {
        match self.lock_in(&*self.store, held).await {
            Err(error) if error.kind() == ErrorKind::Store => {
                tracing::warn!(%error, "the token store fails; the account is kept in memory only");
                self.lock_in(&*self.memory, held).await
            }
            outcome => outcome,
        }
    }

    async fn lock_in<'a>(
        &'a self,
        store: &'a dyn TokenStore,
        held: &'a Held,
    ) -> Result<LockedAccount<'a>> {
        let clock = &*self.clock;
        let waiter = Waiting::new(self, store, held);
        let waited = tokio::select! {
            biased;
            () = held.abandoned() => Err(given_up()),
            waited = wait(store, &self.session, clock, &waiter) => waited,
        };
        waiter.ended().await;
        let lock = match waited? {
            Waited::Locked(lock) => lock,
            Waited::Enough => return Err(Error::store("the lock was not taken")),
        };
        let (login, generation) = match store.load(&self.session).await? {
            Some(Entry { bytes, generation }) => {
                let login = Login::decode(&bytes, &self.session)?;
                (login.unwrap_or_default(), Some(generation))
            }
            None => (Login::default(), None),
        };
        Ok(LockedAccount {
            account: self,
            held,
            store,
            lock,
            login,
            generation,
        })
    }
}

/// An account that nobody else reads or changes meanwhile. Dropping it ends the lock.
#[derive(Debug)]
pub struct LockedAccount<'a> {
    account: &'a Account,
    held: &'a Held,
    store: &'a dyn TokenStore,
    lock: StoreLock,
    login: Login,
    generation: Option<Generation>,
}

impl LockedAccount<'_> {
    /// Under which name the account is kept.
    pub fn session(&self) -> &SessionKey {
        &self.account.session
    }

    /// What was noted under `name`.
    pub fn note(&self, name: &str) -> Option<&SecretString> {
        self.login.notes.get(name)
    }

    /// Notes something, or forgets it; [`save`](Self::save) writes it down.
    pub fn set_note(&mut self, name: impl Into<String>, value: Option<SecretString>) {
        let name = name.into();
        match value {
            Some(value) => self.login.notes.insert(name, value),
            None => self.login.notes.remove(&name),
        };
    }

    /// Forgets the notes of whose name and value `keeps` says no; [`save`](Self::save) writes that down.
    pub fn retain(&mut self, keeps: impl Fn(&str, &SecretString) -> bool) {
        self.login.notes.retain(|name, value| keeps(name, value));
    }

    /// Writes the notes down, also in the middle of an exchange that may yet fail. Where there are none, nothing is kept.
    ///
    /// # Errors
    /// `Store`. What was noted stays in memory until the lock ends.
    pub async fn save(&mut self) -> Result<()> {
        if self.login.notes.is_empty() {
            self.store.remove(&self.lock).await?;
            self.generation = None;
            return Ok(());
        }
        let bytes = self.login.encode(&self.account.session)?;
        let saved = self.store.save(&self.lock, self.generation, &bytes);
        self.generation = Some(saved.await?);
        Ok(())
    }

    /// Runs `work`, which asks a person, as [`Held::asking`] does; those who wait for the account are told, too.
    ///
    /// # Errors
    /// Those of [`Held::asking`].
    pub async fn asking<T>(
        &self,
        limit: Duration,
        work: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        self.held.ensure_may_ask()?;
        let clock = &*self.account.clock;
        let until = clock.now().wall + bound::length(limit);
        self.lock.announce(Some(until)).await;
        let outcome = self.held.asking(clock, limit, work).await;
        self.lock.announce(None).await;
        outcome
    }

    /// Reveals `secret` as [`Held::reveal`] does; those who wait for the account are told if a person is asked.
    ///
    /// # Errors
    /// Those of [`Held::reveal`].
    pub async fn reveal(&self, secret: &dyn Secret) -> Result<SecretString> {
        if secret.asks() {
            let revealed = async { secret.reveal(self.held).await };
            return self.asking(TYPING, revealed).await;
        }
        self.held.reveal(secret, &*self.account.clock).await
    }

    /// Waits for `pause`, for the next one-time password for example; those who wait for the account or for the
    /// session are told for how long.
    ///
    /// # Errors
    /// `Interaction` when nobody waits for the outcome any more.
    pub async fn pause(&self, pause: Duration) -> Result<()> {
        let clock = &*self.account.clock;
        let pause = bound::length(pause);
        let until = Some(clock.now().wall + pause);
        self.lock.announce(until).await;
        self.held.announce(until).await;
        let outcome = tokio::select! {
            biased;
            () = self.held.abandoned() => Err(given_up()),
            () = clock.sleep(pause) => Ok(()),
        };
        self.held.announce(None).await;
        self.lock.announce(None).await;
        outcome
    }

    /// Makes sure that the locks of the account and of the session outlive a request of that length. To be asked
    /// before anything that can be used only once leaves.
    ///
    /// # Errors
    /// `Unavailable` if a lease ends sooner.
    pub fn ensure_locks_outlive(&self, request: Duration) -> Result<()> {
        let clock = &*self.account.clock;
        self.lock.ensure_outlives(request, clock)?;
        self.held.ensure_lock_outlives(request, clock)
    }

    /// Ends the lock.
    pub async fn release(self) {
        self.lock.release().await;
    }
}

fn given_up() -> Error {
    Error::interaction("the login was given up: nobody waits for it any more")
}
