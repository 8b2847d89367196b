//! [`NewLogin`]: a login that is being made, in a store of its own: what is kept is replaced by a login
//! that worked, and by nothing else.

mod keeping;
mod way;

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use auth_core::clock::{Clock, SystemClock};
use auth_core::error::Challenge;
use auth_core::grant::GivenRefreshToken;
use auth_core::session::{Login, Observer};
use auth_core::store::{MemoryStore, SessionKey, TokenStore};
use auth_core::{
    CachedSource, Error, ErrorKind, Prompt, RefreshToken, Result, TokenEndpoint, TokenSource,
};

pub(crate) use self::way::has_browser;
use self::way::way;
use crate::args::WayArgs;
use crate::config::{Kind, Profile};
use crate::context::Context;
use crate::notices::Notices;
use crate::output::{message, time};
use crate::profile::way::Way;
use crate::profile::{self, Desp, Labelled};
use crate::profile::{invocation, person};
use crate::prompt::{self, Browser, Countdown, Terminal};

/// A login that is being made.
#[derive(Debug)]
pub(crate) struct NewLogin {
    pub(crate) source: CachedSource,
    /// Its sessions in the order in which they are locked, each with where it ends.
    sessions: Vec<(SessionKey, TokenEndpoint)>,
    store: Arc<dyn TokenStore>,
    /// Where logins are kept.
    kept: Arc<dyn TokenStore>,
    is_kept: AtomicBool,
    countdown: Arc<Countdown>,
    in_browser: bool,
    /// What is said once, when somebody may wonder.
    hint: Option<&'static str>,
}

impl NewLogin {
    /// One that asks a person; with a copy of the page at which a login for Destination Earth can't go on in `page_copy`.
    ///
    /// # Errors
    /// `Config` if the profile does not add up.
    pub(crate) async fn of_person(
        context: &Context,
        profile: &Profile,
        args: &WayArgs,
        page_copy: Option<&Path>,
    ) -> Result<Self> {
        if profile.kind == Kind::Desp {
            return Self::at_the_terminal(context, profile, args, page_copy).await;
        }
        let new = Self::in_a_browser(context, profile, args)?;
        let asked = asked_before(context, &new.sessions).await;
        let source = new.source.with_challenge(asked);
        Ok(Self { source, ..new })
    }

    /// One at pages that a program fills for the person, who types here.
    async fn at_the_terminal(
        context: &Context,
        profile: &Profile,
        args: &WayArgs,
        page_copy: Option<&Path>,
    ) -> Result<Self> {
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
        let desp = desp.with_refused_tried().with_page_copy(page_copy);
        // What the logins share stays where it is: it knows which codes are spent.
        let desp = desp.with_account_in(&context.store().store);
        let sessions = desp.sessions()?;
        let desp = desp.with_challenge(asked_before(context, &sessions).await);
        let observer: Arc<dyn Observer> = Arc::new(Notices::new(true, None));
        let source = desp.source(profile, &observer)?;
        Ok(Self {
            source,
            sessions,
            store,
            kept: context.store().store,
            is_kept: AtomicBool::new(false),
            countdown: Arc::new(Countdown::new(args.timeout)),
            in_browser: false,
            hint: None,
        })
    }

    fn in_a_browser(context: &Context, profile: &Profile, args: &WayArgs) -> Result<Self> {
        if !prompt::may_ask() {
            let name = &profile.name;
            return Err(Error::interaction(format!(
                "a person must log in for profile `{name}`, and --no-interaction lets nobody be asked"
            ))
            .with_advice(format!(
                "have somebody run `{}` without it",
                invocation::of("login", profile)
            )));
        }
        let way = way(args, profile);
        let in_browser = matches!(way, Way::Browser { .. });
        let countdown = Arc::new(Countdown::new(args.timeout));
        let opener = (!args.no_browser).then(|| context.opener());
        let prompt = Browser::new(opener, countdown.clone());
        let place = person::place(profile, &context.io(profile), &context.secrets)?;
        let endpoint = place.0.clone();
        let grant = person::asking(profile, place, Arc::new(prompt), way)?;
        let grant = Labelled::new(profile::labelled(grant.key(), profile), grant);
        let new = Self::made(context, profile, endpoint, grant, countdown)?;
        let hint = Some(if in_browser { HINT } else { HINT_OF_CODES });
        Ok(Self {
            in_browser,
            hint,
            ..new
        })
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
            kept: context.store().store,
            is_kept: AtomicBool::new(false),
            countdown,
            in_browser: false,
            hint: None,
        })
    }

    /// Under which name it is kept.
    pub(crate) fn session(&self) -> &SessionKey {
        self.source.key().session()
    }

    /// Waits for it. One that came and is not in order, or came too late, is ended at the server.
    ///
    /// # Errors
    /// Those of the grant; `Interaction` if nobody finished it in time.
    pub(crate) async fn finished(&self, args: &WayArgs) -> Result<()> {
        let late = || {
            Error::interaction(format!(
                "nobody logged in within {}",
                time::span(args.timeout)
            ))
            .with_advice(match self.in_browser {
                true => "run it again with --device-code, which works with a browser on any machine, or give more time with --timeout",
                false => "run it again, or give more time with --timeout",
            })
        };
        let clock = SystemClock::new();
        let (mut patience, mut uneasy) = (clock.sleep(args.timeout), clock.sleep(UNEASY));
        let mut tick = clock.sleep(Countdown::TICK);
        let mut token = self.source.token();
        let mut hint = self.hint;
        let outcome = loop {
            tokio::select! {
                biased;
                outcome = &mut token => break outcome,
                () = &mut patience => break Err(late()),
                () = &mut uneasy, if hint.is_some() => {
                    self.countdown.hide();
                    hint.take().map(message::note);
                }
                () = &mut tick => {
                    self.countdown.show();
                    tick = clock.sleep(Countdown::TICK);
                }
            }
        };
        drop(token);
        self.countdown.hide();
        if let Err(error) = &outcome
            && error.kind() != ErrorKind::Unavailable
            && let Err(why) = self.take_back().await
        {
            tracing::debug!(error = %why, "what came of the login is not ended at the server");
        }
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
}

/// What an API asked for when it refused the last token: that is what the new login is for.
async fn asked_before(
    context: &Context,
    sessions: &[(SessionKey, TokenEndpoint)],
) -> Option<Challenge> {
    let store = context.store().store;
    for (session, _) in sessions {
        let kept = Login::load(&*store, session).await.ok().flatten();
        if let Some(asked) = kept.as_ref().and_then(Login::challenge) {
            return Some(asked.clone());
        }
    }
    None
}

/// After this long somebody may wonder.
const UNEASY: Duration = Duration::from_secs(30);

const HINT_OF_CODES: &str =
    "still waiting: nobody has entered the code yet, at the page that is named above";

const HINT: &str = "still waiting; if the browser is on another machine or nothing opens, stop this with \
                    Ctrl-C and use --device-code";
