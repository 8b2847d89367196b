//! The wheel: a line on stderr that says what is waited for, on a terminal only, until something else is said.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use console::Term;
use tracing::Level;

use crate::variables;

/// Whether scripts read stderr.
static IS_OFF: AtomicBool = AtomicBool::new(false);

static IS_SHOWN: AtomicBool = AtomicBool::new(false);

/// How often it was shown.
static TURNS: AtomicUsize = AtomicUsize::new(0);

/// How many ask a person at the terminal now.
static ASKING: AtomicUsize = AtomicUsize::new(0);

/// From now on nothing is shown.
pub(super) fn turn_off() {
    IS_OFF.store(true, Ordering::Relaxed);
}

/// Whether there is somebody to see it, who does not read each step anyway.
pub(crate) fn is_seen() -> bool {
    let is_dumb = variables::os("TERM").is_some_and(|name| name == "dumb");
    let is_told = IS_OFF.load(Ordering::Relaxed) || tracing::enabled!(Level::DEBUG);
    Term::stderr().is_term() && !is_dumb && !is_told
}

/// Whether the line is nobody's who types, or counts down.
pub(crate) fn is_free() -> bool {
    ASKING.load(Ordering::Relaxed) == 0
}

/// Shows what is waited for, in place of what was there.
pub(crate) fn show(what: &str) {
    if !is_seen() {
        return;
    }
    hide();
    let wheel = WHEEL[TURNS.fetch_add(1, Ordering::Relaxed) % WHEEL.len()];
    let terminal = Term::stderr();
    // A line that is broken can't be taken away.
    let room = usize::from(terminal.size().1).saturating_sub(3);
    let line: String = what.chars().take(room).collect();
    IS_SHOWN.store(true, Ordering::Relaxed);
    // One that can't be written is not missed.
    let _ = terminal.write_str(&format!("{wheel} {line}"));
}

/// Takes the line away, so that something else can be said.
pub(crate) fn hide() {
    if IS_SHOWN.swap(false, Ordering::Relaxed) {
        let _ = Term::stderr().clear_line();
    }
}

/// As long as it lives, the line is a person's.
#[derive(Debug)]
pub(crate) struct Asking(());

impl Asking {
    pub(crate) fn begin() -> Self {
        hide();
        ASKING.fetch_add(1, Ordering::Relaxed);
        Self(())
    }
}

impl Drop for Asking {
    fn drop(&mut self) {
        ASKING.fetch_sub(1, Ordering::Relaxed);
    }
}

/// What shows that the program is alive, on every terminal.
const WHEEL: [char; 4] = ['|', '/', '-', '\\'];
