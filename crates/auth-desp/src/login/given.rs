//! [`Given`]: user name and password, each asked for once.

use auth_core::error::Recall;
use auth_core::session::{LockedAccount, Secret};
use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::credentials::Credentials;

/// What was given so far in one login.
#[derive(Default)]
pub(super) struct Given {
    user: Option<SecretString>,
    password: Option<SecretString>,
    /// Whether a person typed some of it.
    pub(super) is_typed: bool,
}

impl Given {
    /// The user name.
    pub(super) async fn user(
        &mut self,
        credentials: &Credentials,
        account: &LockedAccount<'_>,
    ) -> Result<SecretString> {
        let (secret, is_typed) = (&*credentials.user, &mut self.is_typed);
        once(&mut self.user, secret, account, "user name", is_typed).await
    }

    /// The password.
    pub(super) async fn password(
        &mut self,
        credentials: &Credentials,
        account: &LockedAccount<'_>,
    ) -> Result<SecretString> {
        let (secret, is_typed) = (&*credentials.password, &mut self.is_typed);
        once(&mut self.password, secret, account, "password", is_typed).await
    }

    /// Both, where both are known.
    pub(super) fn both(&self) -> Option<(&SecretString, &SecretString)> {
        Some((self.user.as_ref()?, self.password.as_ref()?))
    }

    /// The user name, where it is known.
    pub(super) fn known_user(&self) -> Option<&str> {
        self.user.as_ref().map(ExposeSecret::expose_secret)
    }
}

async fn once(
    known: &mut Option<SecretString>,
    secret: &dyn Secret,
    account: &LockedAccount<'_>,
    what: &str,
    is_typed: &mut bool,
) -> Result<SecretString> {
    if let Some(known) = known {
        return Ok(known.clone());
    }
    // To be asked before: what is known is had from nobody.
    let asks = secret.asks();
    let given = account.reveal(secret).await?;
    if given.expose_secret().trim().is_empty() {
        return Err(empty(what, asks));
    }
    *is_typed |= asks;
    Ok(known.insert(given).clone())
}

/// An empty answer. What was typed is not remembered: the next one is asked for again.
pub(super) fn empty(what: &str, is_typed: bool) -> Error {
    let error = Error::config(format!("the {what} is empty"));
    match is_typed {
        true => error
            .with_advice("type it when it is asked for")
            .with_recall(Recall::Never),
        false => error.with_advice("configure it, or have it asked for"),
    }
}
