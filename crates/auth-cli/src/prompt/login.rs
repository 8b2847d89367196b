//! [`Browser`]: shows a login page or a code, and opens a browser where one can be.

use std::io::IsTerminal;
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};
use auth_core::prompt::{Echo, UserCode};
use auth_core::{BoxFuture, Error, Prompt, Result};
use console::Term;
use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use secrecy::SecretString;
use url::Url;

use crate::output::message;
use crate::prompt::{Countdown, Terminal};

/// The [`Prompt`] of `auth login`. Addresses and codes are shown before anything is opened.
#[derive(Debug)]
pub(crate) struct Browser {
    /// Whether a browser may be opened.
    pub(crate) opens: bool,
    /// The variables that the browser does not get to see.
    pub(crate) secret_variables: Vec<String>,
    pub(crate) countdown: Arc<Countdown>,
}

impl Prompt for Browser {
    fn ask<'a>(&'a self, question: &'a str, echo: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Terminal.ask(question, echo)
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if let Some(server) = code.other_server() {
                let page = code.page().host_str().unwrap_or("another server");
                message::warn(&format!(
                    "the page is on {page}, and not on {server}, which gave the code: enter the code \
                     only if you know that it belongs there"
                ));
            }
            match code.message() {
                Some(words) => message::note(words),
                None => {
                    message::note(&format!(
                        "open {} in a browser, on any machine",
                        code.page()
                    ));
                    message::note(&format!("and enter the code {}", code.code()));
                }
            }
            if let Some(page) = code
                .complete_page()
                .filter(|_| std::io::stderr().is_terminal())
            {
                show_square(page);
            }
            let now = SystemClock::new().now().wall;
            let time = code.expires_at().duration_since(now);
            self.countdown.start(time.unwrap_or_default());
            Ok(())
        })
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            message::note(&format!("log in at {page}"));
            if self.opens && !self.start(page) {
                message::note("no browser could be opened: follow the address by hand");
            }
            // Where an address can be pasted, the line is the person's.
            if !std::io::stdin().is_terminal() {
                self.countdown.start(Duration::MAX);
            }
            Ok(())
        })
    }

    fn paste_redirect(&self) -> BoxFuture<'_, Result<SecretString>> {
        Box::pin(async {
            if !std::io::stdin().is_terminal() {
                return std::future::pending().await;
            }
            message::note("if the browser is elsewhere, paste the address here that it ends at");
            match tokio::task::spawn_blocking(line_with_words).await {
                Ok(Ok(line)) if !line.trim().is_empty() => Ok(line.trim().into()),
                // Nothing more is typed.
                Ok(Ok(_)) => std::future::pending().await,
                _ => Err(Error::interaction("the terminal went away")),
            }
        })
    }
}

impl Browser {
    /// Tries the system's ways of opening an address. It is one argument of a program, and no shell
    /// reads it.
    fn start(&self, page: &Url) -> bool {
        open::commands(page.as_str())
            .into_iter()
            .any(|mut command| {
                for variable in &self.secret_variables {
                    command.env_remove(variable);
                }
                command
                    .stdin(Stdio::null())
                    .stdout(Stdio::null())
                    .stderr(Stdio::null());
                command.spawn().is_ok()
            })
    }
}

/// The next line on stdin that is not blank; blank at the end.
fn line_with_words() -> std::io::Result<String> {
    let mut line = String::new();
    while std::io::stdin().read_line(&mut line)? > 0 && line.trim().is_empty() {
        line.clear();
    }
    Ok(line)
}

/// The address with the code in it, for the camera of a phone.
fn show_square(page: &Url) {
    if let Ok(square) = QrCode::new(page.as_str()) {
        let picture = square.render::<Dense1x2>().build();
        let (_, columns) = Term::stderr().size();
        if picture
            .lines()
            .any(|line| line.chars().count() > usize::from(columns))
        {
            // A square that is wrapped is none.
            return;
        }
        for line in picture.lines() {
            message::plain(line);
        }
    }
}
