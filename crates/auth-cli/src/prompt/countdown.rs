//! [`Countdown`]: how long a person still has, on a terminal only.

use std::fmt::Write;
use std::sync::OnceLock;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressState, ProgressStyle};

use crate::output::time;

/// A line on stderr that counts down while somebody logs in elsewhere. Where stderr is no terminal there
/// is none.
#[derive(Debug)]
pub(crate) struct Countdown {
    patience: Duration,
    line: OnceLock<ProgressBar>,
}

impl Countdown {
    /// One that will not count from more than `patience`.
    pub(crate) fn new(patience: Duration) -> Self {
        Self {
            patience,
            line: OnceLock::new(),
        }
    }

    /// Starts it, from `time` or from all the patience that there is.
    pub(super) fn start(&self, time: Duration) {
        let total = time.min(self.patience);
        let left = move |state: &ProgressState, text: &mut dyn Write| {
            // A line that can't be formatted is only shorter.
            let _ = text.write_str(&time::span(total.saturating_sub(state.elapsed())));
        };
        let style = ProgressStyle::with_template("{spinner} waiting for the login, {left} left");
        let Ok(style) = style else { return };
        let line = ProgressBar::new_spinner().with_style(style.with_key("left", left));
        line.enable_steady_tick(Duration::from_millis(200));
        let _ = self.line.set(line);
    }

    /// Says something beside it.
    pub(crate) fn aside(&self, say: impl FnOnce()) {
        match self.line.get() {
            Some(line) => line.suspend(say),
            None => say(),
        }
    }

    /// Takes the line away.
    pub(crate) fn end(&self) {
        if let Some(line) = self.line.get() {
            line.finish_and_clear();
        }
    }
}
