//! [`Visitor`]: the person of the demonstration, who enters the code that they are shown.

use auth_core::prompt::{Echo, NoPrompt, UserCode};
use auth_core::{BoxFuture, Error, Prompt, Result};
use auth_testkit::Server;
use secrecy::SecretString;

use crate::stage::ADA;

/// A person who enters every code at once.
#[derive(Debug)]
pub(super) struct Visitor(Server);

impl Visitor {
    pub(super) fn new(server: &Server) -> Self {
        Self(server.clone())
    }
}

impl Prompt for Visitor {
    fn ask<'a>(&'a self, question: &'a str, echo: Echo) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move { NoPrompt::new().ask(question, echo).await })
    }

    fn show_user_code<'a>(&'a self, code: &'a UserCode) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let known = self.0.allow_device(code.code(), ADA);
            let unknown = || Error::protocol("the demonstration does not know its own code");
            known.then_some(()).ok_or_else(unknown)
        })
    }
}
