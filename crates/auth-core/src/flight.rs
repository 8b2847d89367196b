//! [`Flight`]: many callers, one piece of work, on a task of its own. The only room that spawns.

#![expect(
    clippy::disallowed_types,
    reason = "this is the room that owns what callers share"
)]

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::runtime::Handle;
use tokio::sync::watch;

/// Lets many callers wait for one run of the same work, and share its outcome.
///
/// The run has a task of its own: a caller that goes away does not end it. Safe for concurrent use.
/// Making a flight neither spawns nor needs a runtime; starting a run needs a tokio runtime.
pub struct Flight<T>(Mutex<Weak<Run<T>>>);

impl<T: Clone + Send + Sync + 'static> Flight<T> {
    /// A flight at rest.
    pub fn new() -> Self {
        Self(Mutex::new(Weak::new()))
    }

    /// Waits with those who wait for the run in progress, or starts one. `start` is given the
    /// [`Callers`] of the new run. `None` where there is no tokio runtime to run it on.
    pub fn join<F>(&self, start: impl FnOnce(Callers) -> F) -> Option<Ticket<T>>
    where
        F: Future<Output = T> + Send + 'static,
    {
        let mut current = self.current();
        if let Some(run) = current.upgrade()
            && run.outcome.borrow().is_none()
        {
            return Some(Ticket::of(&run));
        }
        let runtime = Handle::try_current().ok()?;
        let run = Arc::new(Run {
            outcome: watch::Sender::new(None),
            callers: Callers(Arc::new(watch::Sender::new(()))),
        });
        let ticket = Ticket::of(&run);
        *current = Arc::downgrade(&run);
        drop(current);
        let work = start(run.callers.clone());
        #[expect(clippy::disallowed_methods, reason = "this is the room that spawns")]
        runtime.spawn(async move {
            let outcome = work.await;
            run.outcome.send_replace(Some(outcome));
        });
        Some(ticket)
    }

    /// Completes when no run is in progress.
    pub async fn settled(&self) {
        let outcome = self.current().upgrade().map(|run| run.outcome.subscribe());
        if let Some(mut outcome) = outcome {
            // An error means that the run died, which is settled too.
            let _ = outcome.wait_for(Option::is_some).await;
        }
    }

    fn current(&self) -> MutexGuard<'_, Weak<Run<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T: Clone + Send + Sync + 'static> Default for Flight<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> fmt::Debug for Flight<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flight").finish_non_exhaustive()
    }
}

/// One caller's place in a [`Flight`]. Dropping it is going away.
pub struct Ticket<T> {
    outcome: watch::Receiver<Option<T>>,
    _present: watch::Receiver<()>,
}

impl<T: Clone + Send + Sync + 'static> Ticket<T> {
    /// The outcome. `None` if the run died with its runtime, or panicked.
    pub async fn outcome(mut self) -> Option<T> {
        self.outcome.wait_for(Option::is_some).await.ok()?.clone()
    }

    fn of(run: &Run<T>) -> Self {
        Self {
            outcome: run.outcome.subscribe(),
            _present: run.callers.0.subscribe(),
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
pub struct Callers(Arc<watch::Sender<()>>);

impl Callers {
    /// Completes when the last of them has gone away.
    pub async fn gone(&self) {
        self.0.closed().await;
    }
}

struct Run<T> {
    outcome: watch::Sender<Option<T>>,
    callers: Callers,
}
