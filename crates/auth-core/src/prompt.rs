//! [`Prompt`]: asking a person.

mod typed;
mod user_code;

use std::fmt;

use secrecy::SecretString;
use url::Url;

pub use typed::Typed;
pub use user_code::UserCode;

use crate::error::{Error, Result};
use crate::future::BoxFuture;

/// Asks a person for something that only they know. Where nobody can be asked, it refuses at once
/// and never hangs.
pub trait Prompt: fmt::Debug + Send + Sync {
    /// Asks for something that is typed: a password, a one-time code, a user name. `question` is plain
    /// text without a final colon.
    ///
    /// # Errors
    /// `Interaction` where nobody can be asked, or where the person cancelled.
    fn ask<'a>(&'a self, question: &'a str, echo: Echo) -> BoxFuture<'a, Result<SecretString>>;

    /// Shows a code and the page where it is entered, both of them, and completes when they are shown.
    /// Opens nothing before that.
    ///
    /// # Errors
    /// `Interaction` where nobody can see it. The default refuses.
    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        let page = code.page().host_str().unwrap_or_default().to_owned();
        Box::pin(async move {
            Err(Error::interaction(format!(
                "nobody is here to enter a code at {page}"
            )))
        })
    }

    /// Shows the address of a login page, then opens it in a browser if there is one: a browser that does
    /// not start is no error, since the person can follow the address.
    ///
    /// # Errors
    /// `Interaction` where nobody can see it. The default refuses.
    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        let page = page.host_str().unwrap_or_default().to_owned();
        Box::pin(async move {
            Err(Error::interaction(format!(
                "nobody is here to log in at {page}"
            )))
        })
    }

    /// Completes with the address that the browser ended at, if the person pastes it: the way out where
    /// the browser is on another machine. Dropped when the browser's answer arrives by itself.
    ///
    /// # Errors
    /// `Interaction` where the person cancelled, which ends the login. The default waits for ever.
    fn paste_redirect(&self) -> BoxFuture<'_, Result<SecretString>> {
        Box::pin(std::future::pending())
    }
}

/// Whether what a person types is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Echo {
    /// It is no secret: a user name.
    Shown,
    /// It is one: a password.
    Hidden,
}

/// Refuses: the default of everything that runs unattended.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoPrompt;

impl NoPrompt {
    /// A prompt that refuses.
    pub fn new() -> Self {
        Self
    }
}

impl Prompt for NoPrompt {
    fn ask<'a>(&'a self, question: &'a str, _: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            Err(Error::interaction(format!(
                "nobody is here to answer: {question}"
            )))
        })
    }
}
