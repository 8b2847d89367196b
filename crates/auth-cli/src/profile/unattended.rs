//! [`LoginNeeded`]: stands where a person would have to be asked, and [`Unattended`]: what lives on until then.

use std::sync::Arc;

use auth_core::error::{Challenge, Untrusted};
use auth_core::session::{Held, Login, TokenSet};
use auth_core::store::{SessionKey, StoreKey, TokenStore};
use auth_core::{BoxFuture, Error, ErrorKind, Grant, Result};

use crate::config::Profile;
use crate::profile::labelled::{labels_beside, say_kept};
use crate::profile::{invocation, labelled};

/// Stands where a person would have to be asked.
#[derive(Debug)]
pub(super) struct LoginNeeded {
    key: StoreKey,
    /// Where the login is looked for, under the name that the person wants.
    session: SessionKey,
    store: Arc<dyn TokenStore>,
    name: String,
    command: String,
}

impl LoginNeeded {
    /// For the login of `profile`, kept in `store`.
    pub(super) fn new(key: StoreKey, profile: &Profile, store: &Arc<dyn TokenStore>) -> Self {
        Self {
            session: labelled(key.clone(), profile).session().clone(),
            key,
            store: store.clone(),
            name: profile.name.clone(),
            command: invocation::of("login", profile),
        }
    }

    /// Somebody is logged in, and it is not enough for this, or no more.
    fn instead_of(&self, account: &str) -> BoxFuture<'_, Result<TokenSet>> {
        let who = Untrusted::new(account).with_limit(100);
        let error = Error::interaction(format!(
            "the login of {who} for profile `{}` does not suffice",
            self.name
        ));
        let error = error.with_advice(format!("run `{}`", self.command));
        Box::pin(async move { Err(error) })
    }

    /// What is known of why nobody's login serves.
    async fn why(&self, held: &Held) -> Error {
        let name = &self.name;
        let run = format!("run `{}`", self.command);
        if held.challenge().is_some_and(Challenge::wants_login) {
            return Error::interaction(format!(
                "the API asks for another login than that of profile `{name}`"
            ))
            .with_advice(run);
        }
        let login = Login::load(&*self.store, &self.session).await;
        // Whoever had a token without a refresh token, which ended or was refused.
        let is_over = |login: &Login| {
            let is_last = login.refresh_fingerprint().is_none() && login.account().is_some();
            login.answers().next().is_some() || is_last
        };
        if let Some(login) = login.ok().flatten().filter(is_over) {
            let who = login.account().unwrap_or_else(|| self.session.account());
            let who = Untrusted::new(who).with_limit(100);
            return Error::interaction(format!(
                "the login of {who} for profile `{name}` is over: its token works no more, and it has no refresh token"
            ))
            .with_advice(run);
        }
        let kept = labels_beside(&*self.store, &self.session).await;
        Error::interaction(format!("nobody is logged in for profile `{name}`"))
            .with_advice(say_kept(run, &kept))
    }
}

impl Grant for LoginNeeded {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(async move { Err(self.why(held).await) })
    }
}

/// A person's login that lives on what is left of it: nobody is asked, and nothing is sent where somebody would have to
/// be.
#[derive(Debug)]
pub(super) struct Unattended {
    grant: Box<dyn Grant>,
    needed: LoginNeeded,
}

impl Unattended {
    /// `grant` without its person.
    pub(super) fn new(
        grant: Box<dyn Grant>,
        profile: &Profile,
        store: &Arc<dyn TokenStore>,
    ) -> Self {
        Self {
            needed: LoginNeeded::new(grant.key(), profile, store),
            grant,
        }
    }
}

#[warn(clippy::missing_trait_methods)]
impl Grant for Unattended {
    fn key(&self) -> StoreKey {
        self.grant.key()
    }

    fn is_user(&self, configured: &str, account: &str) -> bool {
        self.grant.is_user(configured, account)
    }

    fn origin(&self) -> BoxFuture<'_, Option<String>> {
        self.grant.origin()
    }

    fn settled(&self) -> BoxFuture<'_, ()> {
        self.grant.settled()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        let wants_login = held.challenge().is_some_and(Challenge::wants_login);
        if wants_login || held.refresh().is_none() {
            return match held.account().filter(|_| !wants_login) {
                Some(account) => self.needed.instead_of(account),
                None => self.needed.exchange(held),
            };
        }
        Box::pin(async move {
            let outcome = self.grant.exchange(held).await;
            outcome.map_err(|error| match error.kind() {
                // The server wants to see the person for this API, whose login goes on elsewhere.
                ErrorKind::Interaction => {
                    let run = format!("run `{}`", self.needed.command);
                    let advice = match error.advice() {
                        Some(why) => format!("{run} ({why})"),
                        None => run,
                    };
                    error.with_advice(advice)
                }
                _ => error,
            })
        })
    }
}
