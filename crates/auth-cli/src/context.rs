//! [`Context`]: what every command starts from: the configuration, the network, the store.

mod exchange;
mod given;
mod meant;

use std::path::Path;
use std::sync::Arc;

use auth_core::session::{Login, Observer};
use auth_core::store::SessionKey;
use auth_core::token_file::RefreshTokenFile;
use auth_core::{CachedSource, Grant, Io, Prompt, Result, TokenSource};
use url::Url;

use crate::args::{Globals, Question};
use crate::choice::Choices;
use crate::config::{Config, Kind, Origin, Profile, Settings, Value};
use crate::network::Trust;
use crate::notices::Notices;
use crate::output::message;
use crate::profile::{self, Desp, Kept, Labelled, chain};
use crate::prompt::{Opener, Terminal};
use crate::secret::{self, Secrets};
use crate::store::{self, Place};

use self::meant::named;
pub(crate) use self::meant::{default_profile, ensure_home_is_meant};

/// The program's surroundings, read once. Nothing of it touches the network.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: Config,
    pub(crate) secrets: Secrets,
    trust: Trust,
    globals: Globals,
}

impl Context {
    /// Reads the configuration.
    ///
    /// # Errors
    /// `Config` if it can't be read or trusted, or names no usable store.
    pub(crate) fn new(globals: Globals) -> Result<Self> {
        Self::with(globals, Config::load)
    }

    /// The same for whoever is about to write the configuration: its file may be missing wherever it is.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub(crate) fn to_change(globals: Globals) -> Result<Self> {
        Self::with(globals, Config::load_to_change)
    }

    fn with(globals: Globals, load: impl Fn(Option<&Path>) -> Result<Config>) -> Result<Self> {
        ensure_home_is_meant()?;
        store::ensure_meant(&globals)?;
        let config = load(globals.config.as_deref())?;
        let config = config.with_choices(Choices::new(&globals));
        let secrets = Secrets::new(Arc::new(Terminal), config.secret_variables());
        Ok(Self {
            config,
            secrets,
            trust: Trust::new(globals.ca_file.as_deref()),
            globals,
        })
    }

    /// The profile that a command asks about, with the command's own settings on top.
    ///
    /// # Errors
    /// `Config` if there is none, or it does not add up.
    pub(crate) fn profile(&self, question: &Question) -> Result<Profile> {
        let mut flags = Settings::default();
        if !question.scope.is_empty() {
            let scopes = question
                .scope
                .iter()
                .flat_map(|text| text.split_whitespace());
            let scopes = Value::List(scopes.map(str::to_owned).collect());
            flags.set("scope", scopes, Origin::Flag("--scope"));
        }
        if let Some(audience) = &question.audience {
            let audience = Value::Text(audience.clone());
            flags.set("audience", audience, Origin::Flag("--audience"));
        }
        if let Some(account) = &question.account {
            let account = Value::Text(account.clone());
            flags.set("account", account, Origin::Flag("--account"));
        }
        let profile = self.config.profile(&named(question)?, flags)?;
        if let Some(problem) = self.config.files().problems().first() {
            message::warn(&format!("something else in the file is wrong: {problem}"));
        }
        Ok(profile)
    }

    /// The network, trusting what the flags, the environment or the profile say.
    pub(crate) fn io(&self, profile: &Profile) -> Io {
        self.trust.io(profile.settings.path("ca-file"))
    }

    /// What opens a browser, which sees no secret.
    pub(crate) fn opener(&self) -> Opener {
        Opener {
            secret_variables: self.config.secret_variables(),
        }
    }

    /// Which certificates are trusted.
    pub(crate) fn trust(&self) -> &Trust {
        &self.trust
    }

    /// The network for what no profile is about.
    pub(crate) fn plain_io(&self) -> Io {
        self.trust.io(None)
    }

    /// What was chosen with `auth switch`.
    pub(crate) fn choices(&self) -> Choices {
        Choices::new(&self.globals)
    }

    /// The store.
    pub(crate) fn store(&self) -> Place {
        store::open(&self.globals)
    }

    /// The grant of `profile`, not cached.
    ///
    /// # Errors
    /// As [`profile::open`].
    pub(crate) async fn grant(&self, profile: &Profile) -> Result<Labelled> {
        self.open(profile, &kept(&self.store(), None)).await
    }

    /// The sessions of the profile's login.
    ///
    /// # Errors
    /// As [`profile::open`].
    pub(crate) async fn sessions(&self, profile: &Profile) -> Result<Vec<SessionKey>> {
        if profile.logs_in_to_desp() {
            let sessions = self.desp(profile)?.0.sessions()?.into_iter();
            return Ok(sessions.map(|(session, _)| session).collect());
        }
        if profile.kind == Kind::Chain {
            return Ok(chain::sessions(&self.chain(profile)?));
        }
        let grant = self.grant(profile).await?;
        Ok(vec![grant.key().session().clone()])
    }

    /// The source of the tokens of the login itself, whatever they are traded for.
    ///
    /// # Errors
    /// As [`source`](Self::source).
    pub(crate) async fn login(&self, profile: &Profile) -> Result<CachedSource> {
        if !profile.logs_in_to_desp() {
            return self.cached(profile).await;
        }
        let (desp, observer) = self.desp(profile)?;
        desp.login(&observer)
    }

    /// The login for a service of Destination Earth, which asks nobody, and who is told of what happens to it.
    fn desp(&self, profile: &Profile) -> Result<(Desp, Arc<dyn Observer>)> {
        let kept = kept(&self.store(), None);
        let desp = Desp::kept(profile, &self.io(profile), &self.secrets, &kept.store)?;
        Ok((desp, kept.observer))
    }

    /// The other logins here of the client of `own` that are in one of these sessions of the server: what ends one
    /// there ends the others. Those of other clients live on.
    pub(crate) async fn beside(&self, sessions: &[&str], own: &SessionKey) -> Vec<SessionKey> {
        let store = self.store().store;
        let mut beside = Vec::new();
        for (session, other) in Login::all(&*store).await.unwrap_or_default() {
            if session == *own || session.client() != own.client() {
                continue;
            }
            let theirs = other.as_ref().ok().and_then(Login::server_session);
            if theirs.is_some_and(|theirs| sessions.contains(&theirs)) {
                beside.push(session);
            }
        }
        beside
    }

    /// The sources of a chain.
    fn chain(&self, profile: &Profile) -> Result<auth_core::Chain> {
        let kept = kept(&self.store(), None);
        chain::of(profile, &self.io(profile), &self.secrets, &kept)
    }

    /// The source of the profile's tokens, which keeps them in the store.
    ///
    /// # Errors
    /// As [`cached`](Self::cached).
    pub(crate) async fn source(&self, profile: &Profile) -> Result<Arc<dyn TokenSource>> {
        Ok(match profile.kind {
            Kind::Chain => Arc::new(self.chain(profile)?),
            _ => Arc::new(self.cached(profile).await?),
        })
    }

    /// The same where it is one source, and not a chain of several.
    ///
    /// # Errors
    /// As [`profile::open`]; `Config` if its file with a refresh token is not private.
    pub(crate) async fn cached(&self, profile: &Profile) -> Result<CachedSource> {
        if profile.logs_in_to_desp() {
            let (desp, observer) = self.desp(profile)?;
            return desp.source(profile, &observer);
        }
        let (io, place) = (self.io(profile), self.store());
        let file = profile::token_file(profile);
        let kept = kept(&place, file.clone());
        let grant = self.open(profile, &kept).await?;
        if let Some(file) = &file {
            let private = secret::ensure_private(file.path()).await;
            private.map_err(|error| error.context(profile::subject(profile, "refresh-token")))?;
            file.sync(&*kept.store, grant.key().session(), &**io.clock())
                .await?;
        }
        let source = CachedSource::new(grant, io.clone())
            .with_store(kept.store)
            .with_observer(kept.observer);
        profile::checked(source, profile, &io)
    }

    /// The source of the tokens of a service of Destination Earth, which asks a person at the terminal for
    /// what the profile does not say.
    ///
    /// # Errors
    /// `Config` if the profile does not add up.
    pub(crate) fn asking_source(
        &self,
        profile: &Profile,
        page_copy: Option<&Path>,
    ) -> Result<CachedSource> {
        let (io, kept) = (self.io(profile), kept(&self.store(), None));
        let prompt: Arc<dyn Prompt> = Arc::new(Terminal);
        let desp = Desp::asking(profile, &io, &self.secrets, &kept.store, &prompt)?;
        let desp = desp.with_page_copy(page_copy);
        let desp = match profile.settings.secret("password") {
            // Nobody says that it is right now.
            Some(_) => desp,
            None => desp.with_refused_tried(),
        };
        desp.source(profile, &kept.observer)
    }
}

fn kept(place: &Place, file: Option<RefreshTokenFile>) -> Kept {
    Kept {
        store: place.store.clone(),
        observer: Arc::new(Notices::new(place.directory.is_some(), file)),
    }
}

/// The base of a profile's API, if it is known.
///
/// # Errors
/// `Config` if the variables that a preset looks at don't add up.
pub(crate) async fn api(profile: &Profile) -> Result<Option<Url>> {
    if let Some(credentials) = profile::credentials_in_environment(profile).await? {
        return Ok(Some(credentials.api_url().clone()));
    }
    Ok(profile.settings.url("api").cloned())
}
