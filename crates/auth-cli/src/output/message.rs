//! Lines on stderr. Whatever they quote can't steer the terminal.

use std::io::{IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use anstyle::{AnsiColor, Style};
use auth_core::Error;
use auth_core::error::Untrusted;

use crate::args::with_arguments_cut;
use crate::output::report::{Line, Report};
use crate::output::{json, wheel};

const ERROR: Style = AnsiColor::Red.on_default().bold();
const HINT: Style = AnsiColor::Cyan.on_default().bold();
const WARNING: Style = AnsiColor::Yellow.on_default().bold();

/// Whether scripts read what is said.
static IS_FOR_SCRIPTS: AtomicBool = AtomicBool::new(false);

/// From now on each line is a JSON object.
pub(crate) fn speak_json() {
    IS_FOR_SCRIPTS.store(true, Ordering::Relaxed);
    wheel::turn_off();
}

/// Whether each line is a JSON object.
pub(crate) fn speaks_json() -> bool {
    IS_FOR_SCRIPTS.load(Ordering::Relaxed)
}

/// Says what failed, why, and what to do next: one line, and below it one for each source that had nothing. On a terminal,
/// where people look for them, what the server said and what to do next have lines of their own. `code` is the exit code.
pub(crate) fn error(error: &Error, code: u8) {
    if speaks_json() {
        return plain_json(&Report::of(error, code));
    }
    let text = error.to_string();
    let mut lines = text.lines();
    let whole = lines.next().unwrap_or_default();
    let label = |style: Style, label| format!("{}{label}{}", style.render(), style.render_reset());
    if !std::io::stderr().is_terminal() {
        line(&label(ERROR, "auth:"), whole);
        return lines.for_each(|more| line(" ", more));
    }
    let (failed, cause) = parts(error);
    line(&label(ERROR, "auth:"), failed);
    if let Some(cause) = cause {
        line(&label(HINT, "cause:"), cause);
    }
    lines.for_each(|more| line(" ", more));
    if let Some(hint) = error.advice() {
        line(&label(HINT, "hint:"), hint);
    }
}

/// What failed, and what the server gave as the reason: its code, and its words.
fn parts(error: &Error) -> (&str, Option<&str>) {
    let message = error.message();
    let reason = error
        .code()
        .and_then(|code| message.find(&format!(": {code}")));
    match reason {
        Some(at) => (&message[..at], Some(&message[at + 2..])),
        None => (message, None),
    }
}

/// Says that something is not as it should be, although the work goes on.
pub(crate) fn warn(text: &str) {
    if speaks_json() {
        return plain_json(&Line::warning(text));
    }
    let (before, after) = (WARNING.render(), WARNING.render_reset());
    line(&format!("auth: {before}warning:{after}"), text);
}

/// Says something useful.
pub(crate) fn note(text: &str) {
    if speaks_json() {
        return plain_json(&Line::note(text));
    }
    line("auth:", text);
}

/// Says what happens at a step, to scripts.
pub(crate) fn step(text: &str) {
    plain_json(&Line::step(text));
}

/// Shows a line that we made ourselves, as it is; to people only.
pub(crate) fn plain(text: &str) {
    if !speaks_json() {
        let _ = writeln!(stderr(), "{text}");
    }
}

/// Shows one object on one line.
pub(crate) fn plain_json(line: &impl serde::Serialize) {
    if let Ok(text) = json::line(line) {
        let _ = stderr().write_all(text.as_bytes());
    }
}

/// Colours only where they are wanted: not into files, and not with `NO_COLOR`.
fn line(label: &str, text: &str) {
    let text = with_arguments_cut(text.to_owned());
    let text = Untrusted::new(&text).with_limit(LIMIT);
    // Without a stderr there is nobody to tell.
    let _ = writeln!(stderr(), "{label} {text}");
}

#[cfg(not(test))]
fn stderr() -> impl Write {
    wheel::hide();
    anstream::stderr()
}

/// A test of the program in its own process reads what went wrong, and nothing else.
#[cfg(test)]
fn stderr() -> impl Write {
    std::io::sink()
}

/// Longer than any message of ours with the longest path in it.
const LIMIT: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_server_gives_as_its_reason_is_told_from_what_failed() {
        let refused =
            Error::refused("https://a.example/token refused: invalid_grant: Session not active");
        assert_eq!(parts(&refused), (refused.message(), None));
        let refused = refused.with_code("invalid_grant");
        let reason = "invalid_grant: Session not active";
        assert_eq!(
            parts(&refused),
            ("https://a.example/token refused", Some(reason))
        );
        let other = Error::refused("the session is over").with_code("invalid_grant");
        assert_eq!(parts(&other), ("the session is over", None));
    }
}
