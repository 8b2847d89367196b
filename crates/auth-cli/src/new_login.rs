//! [`NewLogin`]: a login that is being made, in a store of its own: what is kept is replaced by a login
//! that worked, and by nothing else.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};
use auth_core::grant::GivenRefreshToken;
use auth_core::session::{Login, transfer};
use auth_core::store::{MemoryStore, SessionKey, TokenStore};
use auth_core::{CachedSource, Error, ErrorKind, RefreshToken, Result, TokenEndpoint, TokenSource};

use crate::args::WayArgs;
use crate::config::Profile;
use crate::context::Context;
use crate::deferred::Deferred;
use crate::notices;
use crate::output::{message, time};
use crate::profile::person::{self, Way};
use crate::profile::{self, Fetched};
use crate::prompt::{Browser, Countdown};

/// A login that is being made.
#[derive(Debug)]
pub(crate) struct NewLogin {
    pub(crate) source: CachedSource,
    endpoint: TokenEndpoint,
    store: Arc<dyn TokenStore>,
    countdown: Arc<Countdown>,
    in_browser: bool,
}

impl NewLogin {
    /// One that asks a person.
    ///
    /// # Errors
    /// `Config` if the profile does not add up, or a secret of its client is not where it should be.
    pub(crate) async fn of_person(
        context: &Context,
        profile: &Profile,
        args: &WayArgs,
    ) -> Result<Self> {
        let fetched = profile::fetch(profile, &context.secrets, &Fetched::default()).await?;
        let way = way(args);
        let in_browser = matches!(way, Way::Browser { .. });
        let countdown = Arc::new(Countdown::new(args.timeout));
        let prompt = Browser {
            opens: !args.no_browser,
            secret_variables: context.config.secret_variables(),
            countdown: countdown.clone(),
        };
        let io = context.io(profile);
        let grant = person::asking(profile, &io, &fetched, Arc::new(prompt), way)?;
        let (endpoint, _) = person::place(profile, &io, &fetched)?;
        let key = profile::labelled(grant.key(), profile);
        let grant = Deferred::made(key, grant);
        let new = Self::made(context, profile, endpoint, grant, countdown)?;
        // What an API asked for when it refused the last token is what this login is for.
        let kept = Login::load(&*context.store().store, new.session()).await;
        let asked = kept
            .ok()
            .flatten()
            .and_then(|login| login.challenge().cloned());
        let source = new.source.with_challenge(asked);
        Ok(Self {
            source,
            in_browser,
            ..new
        })
    }

    /// One that goes on with a refresh token from elsewhere.
    ///
    /// # Errors
    /// As [`of_person`](Self::of_person).
    pub(crate) async fn of_token(
        context: &Context,
        profile: &Profile,
        token: RefreshToken,
    ) -> Result<Self> {
        let fetched = profile::fetch(profile, &context.secrets, &Fetched::default()).await?;
        let (endpoint, key) = person::place(profile, &context.io(profile), &fetched)?;
        let grant = Box::new(GivenRefreshToken::new(endpoint.clone(), token));
        let key = profile::labelled(key, profile);
        let nobody = Arc::new(Countdown::new(Duration::ZERO));
        let grant = Deferred::made(key, grant);
        Self::made(context, profile, endpoint, grant, nobody)
    }

    fn made(
        context: &Context,
        profile: &Profile,
        endpoint: TokenEndpoint,
        grant: Deferred,
        countdown: Arc<Countdown>,
    ) -> Result<Self> {
        let io = context.io(profile);
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let source = CachedSource::new(grant, io.clone()).with_store(store.clone());
        Ok(Self {
            source: profile::checked(source, profile, &io)?,
            endpoint,
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

    /// Ends it at the server: what came of it got nowhere.
    ///
    /// # Errors
    /// As [`TokenEndpoint::revoke`].
    pub(crate) async fn take_back(&self) -> Result<()> {
        match self.source.refresh_token().await? {
            Some(token) => self.endpoint.revoke(&token).await,
            None => Ok(()),
        }
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
        let sessions = self.store.list().await?;
        if sessions.is_empty() {
            return outcome;
        }
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
