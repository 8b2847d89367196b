//! [`Browser`]: shows a login page or a code, and opens a browser where one can be.

use std::io::IsTerminal;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use anstream::{AutoStream, ColorChoice};
use auth_core::clock::{Clock, SystemClock};
use auth_core::prompt::{Echo, UserCode};
use auth_core::{BoxFuture, Error, Prompt, Result};
use console::Term;
use secrecy::SecretString;
use url::Url;

use crate::output::message;
use crate::output::wheel::Asking;
use crate::prompt::opener::{Lead, Opener};
use crate::prompt::square::square;
use crate::prompt::{Countdown, Terminal};

/// The [`Prompt`] of `auth login`. Addresses and codes are shown before anything is opened.
#[derive(Debug)]
pub(crate) struct Browser {
    /// None where only the address is wanted.
    opener: Option<Opener>,
    countdown: Arc<Countdown>,
    lead: OnceLock<Lead>,
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
            if let Some(opener) = &self.opener
                && !self.start(opener, page).await
            {
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
            tokio::select! {
                biased;
                error = self.overheard() => Err(error),
                pasted = self.pasted() => pasted,
            }
        })
    }
}

impl Browser {
    /// How the person is asked, with a browser if one may be opened.
    pub(crate) fn new(opener: Option<Opener>, countdown: Arc<Countdown>) -> Self {
        Self {
            opener,
            countdown,
            lead: OnceLock::new(),
        }
    }

    /// Whether a browser could be opened. One that asks its lead while it opens is answered right after, by
    /// [`overheard`](Self::overheard): whoever stopped listening in between would cut its request off.
    async fn start(&self, opener: &Opener, page: &Url) -> bool {
        match opener.lead(page).await {
            Some(lead) => opener.open(self.lead.get_or_init(|| lead)).await,
            None => false,
        }
    }

    /// What the person pastes.
    async fn pasted(&self) -> Result<SecretString> {
        if !std::io::stdin().is_terminal() {
            return std::future::pending().await;
        }
        let _asking = Asking::begin();
        message::note("if the browser is elsewhere, paste the address here that it ends at");
        match tokio::task::spawn_blocking(line_with_words).await {
            Ok(Ok(line)) if !line.trim().is_empty() => Ok(line.trim().into()),
            // Nothing more is typed.
            Ok(Ok(_)) => std::future::pending().await,
            _ => Err(Error::interaction("the terminal went away")),
        }
    }

    /// Completes when somebody else may know this login.
    async fn overheard(&self) -> Error {
        match self.lead.get() {
            Some(lead) => lead.overheard().await,
            None => std::future::pending().await,
        }
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

/// The address with the code in it, where colours are to be had: without them it is light on dark for half of all people.
fn show_square(page: &Url) {
    let (_, columns) = Term::stderr().size();
    if AutoStream::choice(&std::io::stderr()) == ColorChoice::Never {
        return;
    }
    for line in square(page.as_str(), usize::from(columns)).unwrap_or_default() {
        message::plain(&line);
    }
}
