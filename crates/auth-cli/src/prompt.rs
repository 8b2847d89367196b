//! [`Terminal`]: asks the person at the controlling terminal, wherever stdin and stdout lead.

mod browser;
mod countdown;
mod farewell;
#[cfg(unix)]
pub(crate) mod hidden;
#[cfg(not(unix))]
mod hidden {
    pub(super) use rpassword::prompt_password as ask;
}
mod line;
mod once;
mod opener;
mod page;
mod square;

use std::sync::atomic::{AtomicBool, Ordering};

use auth_core::error::Untrusted;
use auth_core::prompt::Echo;
use auth_core::{BoxFuture, Error, Prompt, Result};
use secrecy::SecretString;

use crate::output::wheel::Asking;
use crate::variables;

pub(crate) use browser::Browser;
pub(crate) use countdown::Countdown;
pub(crate) use farewell::Farewell;
pub(crate) use opener::{Opener, missing_browser};

/// A [`Prompt`] on the controlling terminal. Refuses at once where there is none, and in CI.
#[derive(Debug)]
pub(crate) struct Terminal;

impl Prompt for Terminal {
    fn ask<'a>(&'a self, question: &'a str, echo: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let question = Untrusted::new(question).to_string();
            if !can_ask() {
                return Err(nobody_answers(&question).with_advice(
                    "run this in a terminal, or take the secret from env, file or command",
                ));
            }
            modes::remember();
            let _asking = Asking::begin();
            let shown = format!("{question}: ");
            let answer = tokio::task::spawn_blocking(move || match echo {
                Echo::Shown => line::ask(&shown),
                _ => hidden::ask(&shown),
            });
            let answer = answer.await;
            let answer = answer.map_err(|_| Error::interaction("the prompt ended early"))?;
            answer.map(SecretString::from).map_err(|error| {
                Error::interaction(format!("`{question}` was not answered: {error}"))
            })
        })
    }
}

/// Whether nobody is to be asked, wherever this runs.
static IS_FORBIDDEN: AtomicBool = AtomicBool::new(false);

/// Says whether somebody may be asked from now on, at a terminal or in a browser.
pub(crate) fn allow(may_ask: bool) {
    IS_FORBIDDEN.store(!may_ask, Ordering::Relaxed);
}

/// Whether somebody may be asked, if there is somebody.
pub(crate) fn may_ask() -> bool {
    !IS_FORBIDDEN.load(Ordering::Relaxed)
}

/// Whether somebody can be asked: at a terminal, and not in CI.
pub(crate) fn can_ask() -> bool {
    may_ask() && variables::os("CI").is_none_or(|value| value.is_empty()) && has_terminal()
}

/// The error for a question that nobody can be asked, and why.
pub(crate) fn nobody_answers(question: &str) -> Error {
    let why = match may_ask() {
        true => "there is no terminal",
        false => "--no-interaction lets nobody be asked",
    };
    Error::interaction(format!(
        "`{question}` must be answered by a person, and {why}"
    ))
}

/// Keeps how the terminal is, for [`restore_terminal`].
#[cfg(unix)]
pub(crate) fn remember_terminal() {
    modes::remember();
}

/// Gives the terminal back as it was before a prompt that did not end by itself.
pub(crate) fn restore_terminal() {
    modes::restore();
}

#[cfg(unix)]
fn has_terminal() -> bool {
    modes::terminal().is_ok()
}

#[cfg(not(unix))]
fn has_terminal() -> bool {
    console::input().is_ok()
}

#[cfg(unix)]
mod modes {
    use std::fs::File;
    use std::sync::OnceLock;

    use rustix::termios::{OptionalActions, Termios, tcgetattr, tcsetattr};

    static BEFORE: OnceLock<(File, Termios)> = OnceLock::new();

    pub(super) fn terminal() -> std::io::Result<File> {
        File::options().read(true).write(true).open("/dev/tty")
    }

    pub(super) fn remember() {
        if let Ok(file) = terminal()
            && let Ok(modes) = tcgetattr(&file)
        {
            BEFORE.get_or_init(|| (file, modes));
        }
    }

    pub(super) fn restore() {
        if let Some((file, modes)) = BEFORE.get() {
            // Nothing can be done about a terminal that went away.
            let _ = tcsetattr(file, OptionalActions::Now, modes);
        }
    }
}

/// The console, wherever stdin and stdout lead.
#[cfg(not(unix))]
mod console {
    use std::fs::File;
    use std::io::Result;

    pub(super) fn input() -> Result<File> {
        File::options().read(true).write(true).open("CONIN$")
    }

    pub(super) fn output() -> Result<File> {
        File::options().write(true).open("CONOUT$")
    }
}

#[cfg(not(unix))]
mod modes {
    pub(super) fn remember() {}
    pub(super) fn restore() {}
}
