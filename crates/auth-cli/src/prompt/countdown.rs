//! [`Countdown`]: how long a person still has, on a terminal only.

use std::sync::OnceLock;
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};

use crate::output::time;
use crate::output::wheel::{self, Asking};

/// Counts down behind a [wheel] while somebody logs in elsewhere, and goes with whoever has this.
#[derive(Debug)]
pub(crate) struct Countdown {
    patience: Duration,
    /// The end on the monotonic clock, once it has started.
    started: OnceLock<(Duration, Asking)>,
}

impl Countdown {
    /// How often to show it.
    pub(crate) const TICK: Duration = Duration::from_millis(500);

    /// One that will not count from more than `patience`.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            started: OnceLock::new(),
        }
    }

    /// Starts it, from `time` or from all the patience that there is.
    pub(super) fn start(&self, time: Duration) {
        let end = now().saturating_add(time.min(self.patience));
        self.started.get_or_init(|| (end, Asking::begin()));
    }

    /// Shows what is left, once it has started.
    pub(crate) fn show(&self) {
        if let Some((end, _)) = self.started.get() {
            let left = time::span(end.saturating_sub(now()));
            wheel::show(&format!("waiting for the login, {left} left"));
        }
    }

    /// Takes the line away, so that something else can be said.
    pub(crate) fn hide(&self) {
        if self.started.get().is_some() {
            wheel::hide();
        }
    }
}

impl Drop for Countdown {
    fn drop(&mut self) {
        self.hide();
    }
}

fn now() -> Duration {
    SystemClock::new().now().monotonic
}
