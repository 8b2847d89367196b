//! Waiting for the lock of a session that somebody else holds.

use std::time::{Duration, SystemTime};

use super::turn::Queue;
use super::{Attempt, Generation, SessionKey, StoreLock, TokenStore};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::{Clock, Now};

/// How long a holder may need who asks nobody: one request, and a margin.
pub(crate) const PATIENCE: Duration = Duration::from_secs(45);

/// Nobody is asked for longer, whatever a lock says.
const LONGEST: Duration = Duration::from_secs(86_400);

/// How often somebody looks who waits for others of the same process.
const IN_TURN: Duration = Duration::from_secs(1);

/// The pauses between two looks at a busy lock grow from the first to the second.
const LOOKS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

impl StoreLock {
    /// Waits for the lock of `session`, as long as whoever holds it makes progress: one request's time,
    /// counted anew when the entry changes, or as long as it says that it asks a person. `told` is
    /// called once if that takes more than a moment, with the time until which a person is asked, if
    /// one is. Those of one process come one after the other.
    ///
    /// # Errors
    /// `Unavailable` if somebody else does not let go, or `Store`.
    pub async fn wait(
        store: &dyn TokenStore,
        session: &SessionKey,
        clock: &dyn Clock,
        told: &(dyn Fn(Option<SystemTime>) + Sync),
    ) -> Result<Self> {
        Self::wait_for(store, session, clock, told, false).await
    }

    /// The same for somebody who only removes ([`TokenStore::lock_to_remove`]).
    ///
    /// # Errors
    /// As [`wait`](Self::wait).
    pub async fn wait_to_remove(
        store: &dyn TokenStore,
        session: &SessionKey,
        clock: &dyn Clock,
        told: &(dyn Fn(Option<SystemTime>) + Sync),
    ) -> Result<Self> {
        Self::wait_for(store, session, clock, told, true).await
    }

    async fn wait_for(
        store: &dyn TokenStore,
        session: &SessionKey,
        clock: &dyn Clock,
        told: &(dyn Fn(Option<SystemTime>) + Sync),
        only_removes: bool,
    ) -> Result<Self> {
        let plain = Plain {
            store,
            session,
            told,
            only_removes,
        };
        match wait(store, session, clock, &plain).await? {
            Waited::Locked(lock) => Ok(lock),
            Waited::Enough => Err(Error::store("the lock was not taken")),
        }
    }
}

/// Whoever waits for nothing but the lock.
struct Plain<'a> {
    store: &'a dyn TokenStore,
    session: &'a SessionKey,
    told: &'a (dyn Fn(Option<SystemTime>) + Sync),
    only_removes: bool,
}

impl Waiter for Plain<'_> {
    fn look(&self, _: Option<SystemTime>) -> BoxFuture<'_, Result<Looked>> {
        Box::pin(async {
            let entry = match self.store.load(self.session).await {
                Err(_) if self.only_removes => None,
                outcome => outcome?,
            };
            Ok(Looked::At(entry.map(|entry| entry.generation)))
        })
    }

    fn only_removes(&self) -> bool {
        self.only_removes
    }

    fn told(&self, asking_until: Option<SystemTime>) {
        (self.told)(asking_until);
    }
}

/// How a wait ended.
#[derive(Debug)]
pub(crate) enum Waited {
    Locked(StoreLock),
    /// What the lock was wanted for is there without it.
    Enough,
}

/// What a look at the entry showed.
pub(crate) enum Looked {
    Enough,
    /// It is of that generation.
    At(Option<Generation>),
}

/// Somebody who waits for a lock.
pub(crate) trait Waiter: Send + Sync {
    /// Looks at the entry: after each pause. The holder asks a person until then at most, if they ask one.
    fn look(&self, asking_until: Option<SystemTime>) -> BoxFuture<'_, Result<Looked>>;

    /// Whether nothing is saved under the lock.
    fn only_removes(&self) -> bool {
        false
    }

    /// Whether the lock can be left to another process that has it.
    fn is_served(&self) -> bool {
        false
    }

    /// Somebody else is waited for, who asks a person until then at most, if they ask one. Called once, if
    /// the wait takes more than a moment.
    fn told(&self, asking_until: Option<SystemTime>);
}

/// Waits until the lock is ours, or until a look of the waiter shows that it is not needed any more.
pub(crate) async fn wait(
    store: &dyn TokenStore,
    session: &SessionKey,
    clock: &dyn Clock,
    waiter: &dyn Waiter,
) -> Result<Waited> {
    let mut progress = Progress::new(clock.now());
    let queue = Queue::of(store, session);
    let turn = queue.clone().turn();
    tokio::pin!(turn);
    // Those of this process: whoever has the turn wakes the next.
    let turn = loop {
        tokio::select! {
            biased;
            turn = &mut turn => break turn,
            () = clock.sleep(IN_TURN) => {}
        }
        let asking_until = queue.asking_until();
        progress.saw(asking_until, clock.now(), waiter)?;
        match waiter.look(asking_until).await? {
            Looked::Enough => return Ok(Waited::Enough),
            Looked::At(generation) => progress.at(generation, clock.now()),
        }
    };
    // Those of other processes: nobody wakes us.
    progress.renew(clock.now());
    loop {
        let attempt = match waiter.only_removes() {
            true => store.lock_to_remove(session),
            false => store.lock(session),
        };
        let asking_until = match attempt.await? {
            Attempt::Locked(lock) => return Ok(Waited::Locked(lock.with_turn(turn))),
            Attempt::Busy { .. } if waiter.is_served() => return Ok(Waited::Enough),
            Attempt::Busy { asking_until } => asking_until,
        };
        progress.saw(asking_until, clock.now(), waiter)?;
        clock.sleep(progress.pause()).await;
        match waiter.look(asking_until).await? {
            Looked::Enough => return Ok(Waited::Enough),
            Looked::At(generation) => progress.at(generation, clock.now()),
        }
    }
}

/// Whether the holder makes any.
struct Progress {
    end: Duration,
    /// When it made some last.
    since: Duration,
    pause: Duration,
    generation: Option<Option<Generation>>,
    begun: Duration,
    told: bool,
}

impl Progress {
    fn new(now: Now) -> Self {
        Self {
            end: now.monotonic + PATIENCE,
            since: now.monotonic,
            pause: LOOKS.0,
            generation: None,
            begun: now.monotonic,
            told: false,
        }
    }

    /// The pause until the next look.
    fn pause(&mut self) -> Duration {
        let pause = self.pause;
        self.pause = (pause * 3 / 2).min(LOOKS.1);
        pause
    }

    fn renew(&mut self, now: Now) {
        self.since = now.monotonic;
        self.end = now.monotonic + PATIENCE;
    }

    /// The entry is of that generation now.
    fn at(&mut self, generation: Option<Generation>, now: Now) {
        if self.generation.is_some_and(|before| before != generation) {
            self.renew(now);
        }
        self.generation = Some(generation);
    }

    /// The lock is still somebody else's.
    fn saw(
        &mut self,
        asking_until: Option<SystemTime>,
        now: Now,
        waiter: &dyn Waiter,
    ) -> Result<()> {
        if let Some(until) = asking_until {
            let left = until.duration_since(now.wall).unwrap_or_default();
            let asked = (now.monotonic + left.min(LONGEST)).min(self.since + LONGEST);
            self.end = self.end.max(asked + PATIENCE);
        }
        let is_long = asking_until.is_some() || now.monotonic >= self.begun + UNNOTICED;
        if is_long && !std::mem::replace(&mut self.told, true) {
            waiter.told(asking_until);
        }
        if now.monotonic < self.end {
            return Ok(());
        }
        Err(
            Error::unavailable("somebody else holds this login's lock and does not let go")
                .with_advice("try again, or end the process that renews this login"),
        )
    }
}

/// Nobody wonders about a wait that is shorter.
const UNNOTICED: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    struct Anybody;

    impl Waiter for Anybody {
        fn look(&self, _: Option<SystemTime>) -> BoxFuture<'_, Result<Looked>> {
            Box::pin(async { Ok(Looked::At(None)) })
        }

        fn told(&self, _: Option<SystemTime>) {}
    }

    #[test]
    fn a_holder_who_says_that_a_person_is_asked_for_years_is_awaited_for_a_day() {
        let hour = |hours: u32| {
            let since = Duration::from_secs(3600) * hours;
            Now::new(SystemTime::UNIX_EPOCH + since, since)
        };
        let until = Some(SystemTime::UNIX_EPOCH + 400 * LONGEST);
        let mut progress = Progress::new(hour(0));
        let mut waits = |hours| progress.saw(until, hour(hours), &Anybody).is_ok();
        assert!((1..=24).all(&mut waits));
        assert!(!waits(25));
    }
}
