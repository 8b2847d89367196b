//! [`Countdown`]: how long a person still has, on a terminal only.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};
use console::Term;

use crate::output::{message, time};

/// A line on stderr that turns a wheel and counts down while somebody logs in elsewhere, and goes with whoever has this. Where stderr
/// is no terminal there is none.
#[derive(Debug)]
pub(crate) struct Countdown {
    patience: Duration,
    /// On the monotonic clock.
    end: OnceLock<Duration>,
    is_shown: AtomicBool,
    /// How often it was shown.
    turns: AtomicUsize,
}

impl Countdown {
    /// How often to show it.
    pub(crate) const TICK: Duration = Duration::from_millis(500);

    /// One that will not count from more than `patience`.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            end: OnceLock::new(),
            is_shown: AtomicBool::new(false),
            turns: AtomicUsize::new(0),
        }
    }

    /// Starts it, from `time` or from all the patience that there is.
    pub(super) fn start(&self, time: Duration) {
        if Term::stderr().is_term() && !message::speaks_json() {
            let _ = self.end.set(now().saturating_add(time.min(self.patience)));
        }
    }

    /// Shows what is left, once it has started.
    pub(crate) fn show(&self) {
        if let Some(end) = self.end.get() {
            self.hide();
            let left = time::span(end.saturating_sub(now()));
            self.is_shown.store(true, Ordering::Relaxed);
            let turn = self.turns.fetch_add(1, Ordering::Relaxed);
            let wheel = WHEEL[turn % WHEEL.len()];
            // A line that can't be written is not missed.
            let _ =
                Term::stderr().write_str(&format!("{wheel} waiting for the login, {left} left"));
        }
    }

    /// Takes the line away until it is shown again, so that something else can be said.
    pub(crate) fn hide(&self) {
        if self.is_shown.swap(false, Ordering::Relaxed) {
            let _ = Term::stderr().clear_line();
        }
    }
}

impl Drop for Countdown {
    fn drop(&mut self) {
        self.hide();
    }
}

/// What shows that the program is alive, on every terminal.
const WHEEL: [char; 4] = ['|', '/', '-', '\\'];

fn now() -> Duration {
    SystemClock::new().now().monotonic
}
