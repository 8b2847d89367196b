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
    /// For who could log in, and has not.
    pub(super) fn logged_in(profile: &Profile) -> Self {
        let name = &profile.name;
        let error = Error::interaction(format!("nobody is logged in for profile `{name}`"));
        Self(error.with_advice(format!("run `{}`", invocation::of("login", profile))))
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

const VARIABLES: &str = "run this in a terminal, or set DESPAUTH_USER and DESPAUTH_PASSWORD, and for an account with one-time \
    codes DESPAUTH_TOTP or DESPAUTH_OTP";
