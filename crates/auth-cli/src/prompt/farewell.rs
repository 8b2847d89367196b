//! [`Farewell`]: sends a browser to the page where a person logs out.

use std::sync::OnceLock;

use auth_core::prompt::Echo;
use auth_core::{BoxFuture, Error, Prompt, Result};
use secrecy::SecretString;
use url::Url;

use super::opener::Lead;
use crate::output::message;
use crate::prompt::{self, Opener, Terminal};

/// The [`Prompt`] of `auth logout`. The page's address holds the ID token, so it is opened and never shown whole.
#[derive(Debug)]
pub(crate) struct Farewell {
    opener: Option<Opener>,
    lead: OnceLock<Lead>,
}

impl Farewell {
    /// With a browser, if one may be opened.
    pub(crate) fn new(opener: Option<Opener>) -> Self {
        let lead = OnceLock::new();
        Self { opener, lead }
    }
}

impl Prompt for Farewell {
    fn ask<'a>(&'a self, question: &'a str, echo: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Terminal.ask(question, echo)
    }

    fn open<'a>(&'a self, page: &'a Url) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            if let Some(opener) = self.opener.as_ref().filter(|_| prompt::may_ask())
                && let Some(lead) = opener.lead(page).await
            {
                let lead = self.lead.get_or_init(|| lead);
                if opener.open(lead).await {
                    message::note("the browser opens the provider's logout page");
                    lead.followed().await;
                    return Ok(());
                }
            }
            let mut plain = page.clone();
            plain.set_query(None);
            Err(
                Error::interaction("no browser was opened to log out at the provider").with_advice(
                    format!("open {plain} in the browser that you logged in with"),
                ),
            )
        })
    }
}
