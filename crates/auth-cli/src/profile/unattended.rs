//! [`Unattended`]: a login whose person is not here.

use auth_core::error::{Challenge, Untrusted};
use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{BoxFuture, Error, ErrorKind, Grant, Result};

use crate::config::{Origin, Profile};

/// Stands where a person would have to be asked.
#[derive(Debug)]
pub(super) struct LoginNeeded {
    key: StoreKey,
    name: String,
    command: String,
}

impl LoginNeeded {
    /// For the login under `key`, which `profile` is about.
    pub(super) fn new(key: StoreKey, profile: &Profile) -> Self {
        Self {
            key,
            name: profile.name.clone(),
            command: command(profile),
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
}

impl Grant for LoginNeeded {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        let name = &self.name;
        let said = match held.challenge().filter(|asked| asked.wants_login()) {
            Some(_) => format!("the API asks for another login than that of profile `{name}`"),
            None => format!("nobody is logged in for profile `{name}`"),
        };
        let advice = format!("run `{}`", self.command);
        Box::pin(async move { Err(Error::interaction(said).with_advice(advice)) })
    }
}

/// The command by which a person logs in, for what was asked for here.
fn command(profile: &Profile) -> String {
    let settings = &profile.settings;
    let asked = |name| matches!(settings.origin(name), Origin::Flag(_));
    let mut command = format!("auth login {}", profile.name);
    if let Some(account) = settings.text("account").filter(|_| asked("account")) {
        command.push_str(&format!(" --account {account}"));
    }
    if asked("scope") {
        let scopes = settings.list("scope").iter();
        scopes.for_each(|scope| command.push_str(&format!(" --scope {scope}")));
    }
    command
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
    pub(super) fn new(grant: Box<dyn Grant>, profile: &Profile) -> Self {
        Self {
            needed: LoginNeeded::new(grant.key(), profile),
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
