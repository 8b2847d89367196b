//! What a login does about a password that the IAM refuses, or has refused before.

use std::time::Duration;

use auth_core::error::Recall;
use auth_core::{Error, Result};
use secrecy::SecretString;

use super::attempt::Attempt;
use super::refused::{MEMORY, REFUSED, Refused};
use super::stuck::said;

impl Attempt<'_> {
    /// A locked account is told the same as one whose password is wrong: what was refused is not sent again.
    pub(super) async fn ensure_not_refused(&mut self) -> Result<()> {
        if self.given.is_typed || self.login.manner.tries_refused {
            return Ok(());
        }
        let Some((user, password)) = self.given.both() else {
            return Ok(());
        };
        let (note, now) = (self.account.note(REFUSED), self.visit.clock().now().wall);
        if !Refused::is(note, user, password, now).await {
            return Ok(());
        }
        Err(Error::refused(
            "the IAM has refused this password before, so it was not sent again: that locks an account",
        )
        .with_advice("correct the password, or log in by hand to have the same one tried again")
        .with_recall(Recall::Always))
    }

    /// A locked account is told the same as one whose password is wrong, so nothing is tried again.
    pub(super) async fn refused(&mut self, text: &str) -> Error {
        let credentials = &self.login.credentials;
        credentials.user.refused();
        credentials.password.refused();
        let given = std::mem::take(&mut self.given);
        let is_typed = given.is_typed;
        let both = given.both().filter(|_| self.has_sent_password && !is_typed);
        if let Some((user, password)) = both {
            self.remember(REFUSED, user, password, MEMORY).await;
        }
        Error::refused(format!(
            "the IAM refuses the user name or the password: {}",
            said(text)
        ))
        .with_advice(
            "check both; it says the same where an account is locked for a while, so do not try too often",
        )
        .with_recall(if is_typed { Recall::Never } else { Recall::Always })
    }

    /// Notes under `name` that `secret` was refused for `whose`.
    pub(super) async fn remember(
        &mut self,
        name: &str,
        whose: &SecretString,
        secret: &SecretString,
        memory: Duration,
    ) {
        let now = self.visit.clock().now().wall;
        match Refused::remember(whose, secret, now, memory).await {
            Ok(note) => {
                self.account.set_note(name, Some(note));
                self.save().await;
            }
            Err(error) => tracing::warn!(%error, "what was refused is not remembered"),
        }
    }
}
