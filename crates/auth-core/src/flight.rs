//! [`Flight`]: many callers, one piece of work, on a task of its own. The only room that spawns.
//!
//! For the crates of this workspace; nothing here is promised to others.

#![expect(
    clippy::disallowed_types,
    reason = "this is the room that owns what callers share"
)]

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime::Handle;
use tokio::sync::watch;

/// Lets many callers wait for one run of the same work, and share its outcome.
///
/// The run has a task of its own: a caller that goes away does not end it. Safe for concurrent use.
/// Making a flight neither spawns nor needs a runtime; starting a run needs a tokio runtime.
///
/// `P` says what a run is for, where that differs from run to run.
pub struct Flight<T, P = ()>(Mutex<Weak<Run<T, P>>>);

/// A caller's part in a [`Flight`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Joined<T> {
    /// The run's outcome is the caller's answer.
    Aboard(Ticket<T>),
    /// Another run is in progress, whose outcome is not: the caller comes again when it has ended.
    After(Ticket<T>),
}

impl<T> Joined<T> {
    /// The part in either run.
    pub fn into_ticket(self) -> Ticket<T> {
        match self {
            Self::Aboard(ticket) | Self::After(ticket) => ticket,
        }
    }
}

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// Waits with those who wait for the run in progress, or starts one. `None` where there is no tokio
    /// runtime to run it on.
    pub fn join<F>(&self, start: impl FnOnce(Waiters) -> F) -> Option<Ticket<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        self.join_if((), |()| true, start).map(Joined::into_ticket)
    }
}

impl<T: Clone + Send + Sync + 'static, P: Send + Sync + 'static> Flight<T, P> {
    /// A flight at rest.
    pub fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// Goes with the run in progress if `fits` says that its purpose is the caller's and it is not
    /// [sealed](Waiters::seal) yet, or else comes after it; where none is in progress, starts one for
    /// `purpose`. `start` is given the [`Waiters`] of the new run. `None` where there is no tokio runtime
    /// to run it on.
    pub fn join_if<F>(
        &self,
        purpose: P,
        fits: impl FnOnce(&P) -> bool,
        start: impl FnOnce(Waiters) -> F,
    ) -> Option<Joined<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut current = self.current();
        if let Some(run) = current.upgrade()
            && run.outcome.borrow().is_none()
        {
            let ticket = Ticket::of(&run);
            return Some(if run.waiters.is_open() && fits(&run.purpose) {
                Joined::Aboard(ticket)
            } else {
                Joined::After(ticket)
            });
        }
        let runtime = Handle::try_current().ok()?;
        let run = Arc::new(Run {
            purpose,
            outcome: watch::Sender::new(None),
            waiters: Waiters::new(),
        });
        let ticket = Ticket::of(&run);
        *current = Arc::downgrade(&run);
        drop(current);
        let work = start(run.waiters.clone());
        #[expect(clippy::disallowed_methods, reason = "this is the room that spawns")]
        runtime.spawn(async move {
            let outcome = work.await;
            run.outcome.send_replace(Some(outcome));
        });
        Some(Joined::Aboard(ticket))
    }

    /// A part in the run in progress, if `fits` says that its purpose is the caller's.
    pub fn running(&self, fits: impl FnOnce(&P) -> bool) -> Option<Ticket<T>> {
        let run = self.current().upgrade()?;
        fits(&run.purpose).then(|| Ticket::of(&run))
    }

    /// Completes when no run is in progress.
    pub async fn settled(&self) {
        let outcome = self.current().upgrade().map(|run| run.outcome.subscribe());
        if let Some(mut outcome) = outcome {
            // An error means that the run died, which is settled too.
            let _ = outcome.wait_for(Option::is_some).await;
        }
    }

    fn current(&self) -> MutexGuard<'_, Weak<Run<T, P>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone + Send + Sync + 'static, P: Send + Sync + 'static> Default for Flight<T, P> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T, P> fmt::Debug for Flight<T, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight").finish_non_exhaustive()
    }
}

/// One caller's place in a [`Flight`]. Dropping it is going away.
pub struct Ticket<T> {
    outcome: watch::Receiver<Option<T>>,
    asking: watch::Receiver<bool>,
    _present: watch::Receiver<()>,
}

impl<T: Clone + Send + Sync + 'static> Ticket<T> {
    /// The outcome. `None` if the run died with its runtime, or panicked.
    pub async fn outcome(mut self) -> Option<T> {
        self.outcome.wait_for(Option::is_some).await.ok()?.clone()
    }

    /// Completes when the run has ended.
    pub async fn ended(&mut self) {
        // An error means that the run died.
        let _ = self.outcome.wait_for(Option::is_some).await;
    }

    /// Completes when the run asks a person.
    pub fn asks(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut asking = self.asking.clone();
        async move {
            if asking.wait_for(|asking| *asking).await.is_err() {
                std::future::pending().await
            }
        }
    }

    fn of<P>(run: &Run<T, P>) -> Self {
        Self {
            outcome: run.outcome.subscribe(),
            asking: run.waiters.0.asking.subscribe(),
            _present: run.waiters.0.present.subscribe(),
        }
    }
}

impl<T> fmt::Debug for Ticket<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").finish_non_exhaustive()
    }
}

/// Those who wait for one run of a [`Flight`].
#[derive(Clone, Debug)]
pub struct Waiters(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    present: watch::Sender<()>,
    asking: watch::Sender<bool>,
    sealed: AtomicBool,
}

impl Waiters {
    fn new() -> Self {
        Self(Arc::new(Shared {
            present: watch::Sender::new(()),
            asking: watch::Sender::new(false),
            sealed: AtomicBool::new(false),
        }))
    }

    /// Completes when the last of them has gone away.
    pub async fn gone(&self) {
        self.0.present.closed().await;
    }

    /// Lets nobody join any more: what the run ends in is decided, and whoever comes from now on may
    /// have seen it already.
    pub fn seal(&self) {
        self.0.sealed.store(true, Ordering::Release);
    }

    /// Notes whether a person is being asked.
    pub fn ask(&self, asking: bool) {
        self.0.asking.send_replace(asking);
    }

    fn is_open(&self) -> bool {
        !self.0.sealed.load(Ordering::Acquire)
    }
}

struct Run<T, P> {
    purpose: P,
    outcome: watch::Sender<Option<T>>,
    waiters: Waiters,
}
