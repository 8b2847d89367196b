//! [`Checks`]: several checks of one token.

use auth_core::session::{TokenCheck, TokenSet};
use auth_core::{BoxFuture, Io, Result};
use auth_verify::{Entra, Issuer, Keys};

/// All of them. A token is checked when it comes, so that one at hand needs no keys.
#[derive(Debug)]
pub(super) struct Checks {
    pub(super) all: Vec<Box<dyn TokenCheck>>,
    pub(super) name: String,
}

impl TokenCheck for Checks {
    fn check<'a>(&'a self, tokens: &'a TokenSet) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            for check in &self.all {
                check.check(tokens).await?;
            }
            Ok(())
        })
    }

    fn once(&self) -> Option<&str> {
        Some(&self.name)
    }
}

/// The issuer of access tokens for `audience`. Entra ID's are looked at in a way of their own; what they let their bearer
/// do is the API's to judge.
///
/// # Errors
/// `Config` if the issuer or the audience is none.
pub(super) fn access_tokens(issuer: &str, audience: &str, keys: Keys, io: &Io) -> Result<Issuer> {
    match Entra::of_issuer(issuer, audience.trim_start_matches("api://")) {
        Ok(entra) => entra
            .with_roleless_tokens()
            .with_keys(keys)
            .issuer(io.clone()),
        Err(_) => Issuer::new(issuer, audience, keys),
    }
}
