//! [`Given`]: user name and password, each asked for once.

use auth_core::session::{LockedAccount, Secret};
use auth_core::{Error, Recall, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::credentials::Credentials;

/// What was given so far in one login.
#[derive(Default)]
pub(super) struct Given {
    user: Option<SecretString>,
    password: Option<SecretString>,
}

impl Given {
    /// The user name.
    pub(super) async fn user(
        &mut self,
        credentials: &Credentials,
        account: &LockedAccount<'_>,
    ) -> Result<SecretString> {
        once(&mut self.user, &*credentials.user, account, "user name").await
    }

    /// The password.
    pub(super) async fn password(
        &mut self,
        credentials: &Credentials,
        account: &LockedAccount<'_>,
    ) -> Result<SecretString> {
        let secret = &*credentials.password;
        once(&mut self.password, secret, account, "password").await
    }

    /// Both, where both are known.
    pub(super) fn both(&self) -> Option<(&SecretString, &SecretString)> {
        Some((self.user.as_ref()?, self.password.as_ref()?))
    }
}

async fn once(
    known: &mut Option<SecretString>,
    secret: &dyn Secret,
    account: &LockedAccount<'_>,
    what: &str,
) -> Result<SecretString> {
    if let Some(known) = known {
        return Ok(known.clone());
    }
    let given = account.reveal(secret).await?;
    if given.expose_secret().trim().is_empty() {
        return Err(empty(what, secret.asks()));
    }
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
