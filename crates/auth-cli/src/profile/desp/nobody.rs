//! [`Nobody`]: what stands where a person would have to be asked.

use auth_core::session::{Held, Secret};
use auth_core::{BoxFuture, Error, Result};
use secrecy::SecretString;

use crate::config::Profile;
use crate::profile::invocation;
use crate::prompt;

/// Stands where a person would have to be asked.
#[derive(Debug)]
pub(super) struct Nobody(Error);

impl Nobody {
    /// For who could log in, and has not; where the profile has a password, for what is missing beside it.
    pub(super) fn logged_in(profile: &Profile, question: &str) -> Self {
        let (name, run) = (&profile.name, invocation::of("login", profile));
        let is_unattended = profile.settings.secret("password").is_some();
        let (what, advice) = match question {
            USER if is_unattended => (
                format!("profile `{name}` has a `password` and no `user`"),
                format!("add `user`, or run `{run}`"),
            ),
            CODE if is_unattended => (
                format!(
                    "the account of profile `{name}` asks for a one-time code, which nobody is here to type"
                ),
                format!("name the secret of its device in `totp`, or run `{run}`"),
            ),
            _ => (
                format!("nobody is logged in for profile `{name}`"),
                format!("run `{run}`"),
            ),
        };
        Self(Error::interaction(what).with_advice(advice))
    }

    /// For whom nobody can ask.
    pub(super) fn at_a_terminal(question: &str) -> Self {
        Self(prompt::nobody_answers(question).with_advice(VARIABLES))
    }
}

impl Secret for Nobody {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async { Err(self.0.clone()) })
    }
}

/// What a person is asked for.
pub(super) const USER: &str = "Username";
pub(super) const CODE: &str = "One-time code";

const VARIABLES: &str = "run this in a terminal, or set DESPAUTH_USER and DESPAUTH_PASSWORD, and for an account with one-time \
    codes DESPAUTH_TOTP or DESPAUTH_OTP";
