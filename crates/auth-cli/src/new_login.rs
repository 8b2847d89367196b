//! [`NewLogin`]: a login that is being made, in a store of its own: what is kept is replaced by a login
//! that worked, and by nothing else.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};
use auth_core::grant::GivenRefreshToken;
use auth_core::session::{Login, Observer, transfer};
use auth_core::store::{MemoryStore, SessionKey, TokenStore};
use auth_core::{
    CachedSource, Error, ErrorKind, Prompt, RefreshToken, Result, TokenEndpoint, TokenSource,
};

use crate::args::WayArgs;
use crate::config::{Kind, Profile};
use crate::context::Context;
use crate::notices::{self, Notices};
use crate::output::{message, time};
use crate::profile::person::{self, Way};
use crate::profile::{self, Desp, Labelled};
use crate::prompt::{Browser, Countdown, Terminal};

/// A login that is being made.
#[derive(Debug)]
pub(crate) struct NewLogin {
    pub(crate) source: CachedSource,
    /// Its sessions in the order in which they are locked, each with where it ends.
    sessions: Vec<(SessionKey, TokenEndpoint)>,
    store: Arc<dyn TokenStore>,
    countdown: Arc<Countdown>,
    in_browser: bool,
}

impl NewLogin {
    /// One that asks a person.
    ///
    /// # Errors
    /// `Config` if the profile does not add up.
    pub(crate) async fn of_person(
        context: &Context,
        profile: &Profile,
        args: &WayArgs,
    ) -> Result<Self> {
        let new = match profile.kind {
            Kind::Desp => Self::at_the_terminal(context, profile, args)?,
            _ => Self::in_a_browser(context, profile, args)?,
        };
        // What an API asked for when it refused the last token is what this login is for.
        let kept = Login::load(&*context.store().store, new.session()).await;
        let asked = kept
            .ok()
            .flatten()
            .and_then(|login| login.challenge().cloned());
        let source = new.source.with_challenge(asked);
        Ok(Self { source, ..new })
    }

    /// One at pages that a program fills for the person, who types here.
    fn at_the_terminal(context: &Context, profile: &Profile, args: &WayArgs) -> Result<Self> {
        for (flag, is_set) in [
            (
                "--browser",
                args.browser || args.no_browser || args.callback_port.is_some(),
            ),
            ("--device-code", args.device_code),
        ] {
            if is_set {
                return Err(Error::config(format!(
                    "{flag} means nothing for profile `{}`, whose login is typed here",
                    profile.name
                ))
                .with_advice("leave it out"));
            }
        }
        let io = context.io(profile);
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let prompt: Arc<dyn Prompt> = Arc::new(Terminal);
        let desp = Desp::asking(profile, &io, &context.secrets, &store, &prompt)?;
        // What the logins share stays where it is: it knows which codes are spent.
        let desp = desp.with_account_in(&context.store().store);
        let observer: Arc<dyn Observer> = Arc::new(Notices::new(true, None));
        let source = CachedSource::new(desp.grant(&observer)?, io.clone())
            .with_store(store.clone())
            .with_observer(observer);
        Ok(Self {
            source: profile::checked(source, profile, &io)?,
            sessions: desp.sessions()?,
            store,
            countdown: Arc::new(Countdown::new(args.timeout)),
            in_browser: false,
        })
    }

    fn in_a_browser(context: &Context, profile: &Profile, args: &WayArgs) -> Result<Self> {
        let way = way(args);
        let in_browser = matches!(way, Way::Browser { .. });
        let countdown = Arc::new(Countdown::new(args.timeout));
        let prompt = Browser {
            opens: !args.no_browser,
            secret_variables: context.config.secret_variables(),
            countdown: countdown.clone(),
        };
        let place = person::place(profile, &context.io(profile), &context.secrets)?;
        let endpoint = place.0.clone();
        let grant = person::asking(profile, place, Arc::new(prompt), way)?;
        let grant = Labelled::new(profile::labelled(grant.key(), profile), grant);
        let new = Self::made(context, profile, endpoint, grant, countdown)?;
        Ok(Self { in_browser, ..new })
    }

    /// One that goes on with a refresh token from elsewhere.
    ///
    /// # Errors
    /// As [`of_person`](Self::of_person).
    pub(crate) fn of_token(
        context: &Context,
        profile: &Profile,
        token: &RefreshToken,
    ) -> Result<Self> {
        let (endpoint, key) = person::place(profile, &context.io(profile), &context.secrets)?;
        let grant = GivenRefreshToken::new(endpoint.clone(), token);
        let grant = Labelled::new(profile::labelled(key, profile), grant);
        let nobody = Arc::new(Countdown::new(Duration::ZERO));
        Self::made(context, profile, endpoint, grant, nobody)
    }

    fn made(
        context: &Context,
        profile: &Profile,
        endpoint: TokenEndpoint,
        grant: Labelled,
        countdown: Arc<Countdown>,
    ) -> Result<Self> {
        let io = context.io(profile);
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let source = CachedSource::new(grant, io.clone()).with_store(store.clone());
        Ok(Self {
            sessions: vec![(source.key().session().clone(), endpoint)],
            source: profile::checked(source, profile, &io)?,
            store,
            countdown,
            in_browser: false,
        })
    }

    /// Under which name it is kept.
    pub(crate) fn session(&self) -> &SessionKey {
        self.source.key().session()
    }

    /// Waits for it.
    ///
    /// # Errors
    /// Those of the grant; `Interaction` if nobody finished it in time.
    pub(crate) async fn finished(&self, args: &WayArgs) -> Result<()> {
        let late = || {
            Error::interaction(format!(
                "nobody logged in within {}",
                time::span(args.timeout)
            ))
            .with_advice("run it again, or give more time with --timeout")
        };
        let clock = SystemClock::new();
        let (mut patience, mut uneasy) = (clock.sleep(args.timeout), clock.sleep(UNEASY));
        let mut token = self.source.token();
        let mut told = !self.in_browser;
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut token => break outcome,
                () = &mut patience => break Err(late()),
                () = &mut uneasy, if !told => {
                    told = true;
                    self.countdown.aside(|| message::note(HINT));
                }
            }
        };
        self.countdown.end();
        outcome.map(drop)
    }

    /// Redeems the token from elsewhere.
    ///
    /// # Errors
    /// Those of the grant.
    pub(crate) async fn redeemed(&self) -> Result<()> {
        self.source.token().await.map(drop)
    }

    /// What came of it.
    ///
    /// # Errors
    /// `Store`, if nothing did.
    pub(crate) async fn login(&self) -> Result<Login> {
        let login = Login::load(&*self.store, self.session()).await?;
        login.ok_or_else(|| Error::store("the new login was not kept"))
    }

    /// Who logged in, as far as the server says so; else the name under which it is kept.
    ///
    /// # Errors
    /// `Store`.
    pub(crate) async fn who(&self) -> Result<String> {
        for (session, _) in &self.sessions {
            let login = Login::load(&*self.store, session).await?;
            if let Some(account) = login.as_ref().and_then(Login::account) {
                return Ok(account.to_owned());
            }
        }
        Ok(self.session().account().to_owned())
    }

    /// Ends it at the server: what came of it got nowhere.
    ///
    /// # Errors
    /// As [`TokenEndpoint::revoke`].
    pub(crate) async fn take_back(&self) -> Result<()> {
        for (session, endpoint) in &self.sessions {
            endpoint.log_out(&*self.store, session, &[]).await?.done()?;
        }
        Ok(())
    }

    /// Puts it where the old one is. A login that came but could not be checked is kept too: it is
    /// checked before it is used. What can't be kept is ended at the server.
    ///
    /// # Errors
    /// `outcome`, and those of `store`.
    pub(crate) async fn keep(&self, outcome: Result<()>, store: &dyn TokenStore) -> Result<()> {
        match outcome {
            Err(error) if error.kind() != ErrorKind::Unavailable => return Err(error),
            _ => {}
        }
        if self.store.list().await?.is_empty() {
            return outcome;
        }
        let sessions = self.sessions.iter().map(|(session, _)| session.clone());
        let sessions: Vec<_> = sessions.collect();
        let told = |until| notices::say_waiting(self.session(), until);
        let clock = SystemClock::new();
        if let Err(error) = transfer(&*self.store, store, &sessions, &clock, &told).await {
            return Err(match self.take_back().await {
                Ok(()) => error.context("the new login could not be kept, and was ended again"),
                Err(_) => error.context("the new login could not be kept, and lives on unseen"),
            });
        }
        outcome.map_err(|error| {
            error
                .context("the login is kept, but it could not be checked")
                .with_advice("it is checked before it is used: try that later")
        })
    }
}

/// After this long somebody may wonder.
const UNEASY: Duration = Duration::from_secs(30);

const HINT: &str = "still waiting; if the browser is on another machine or nothing opens, stop this with \
                    Ctrl-C and use --device-code";

/// The way that was asked for, or the one that can work here.
fn way(args: &WayArgs) -> Way {
    let (port, deadline) = (args.callback_port, args.timeout);
    if args.device_code {
        Way::DeviceCode
    } else if args.browser || port.is_some() || has_browser() {
        Way::Browser { port, deadline }
    } else {
        Way::DeviceCode
    }
}

/// Whether a browser can be expected to open in front of whoever typed this.
fn has_browser() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let far = ["SSH_CONNECTION", "SSH_TTY", "CI", "container"]
        .into_iter()
        .any(is_set);
    let boxed = ["/.dockerenv", "/run/.containerenv"]
        .iter()
        .any(|path| Path::new(path).exists());
    let display = !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY");
    display && !far && !boxed
}
