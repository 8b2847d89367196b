//! A service of Destination Earth: the person's login at the platform, and what it is traded for.

mod account;
mod check;
mod nobody;

use std::path::Path;
use std::sync::Arc;

use auth_core::error::Challenge;
use auth_core::prompt::{Echo, Typed};
use auth_core::session::{Mirror, Observer, Secret};
use auth_core::store::{SessionKey, TokenStore};
use auth_core::{CachedSource, Grant, Io, Prompt, Result, TokenEndpoint};
use auth_desp::{Credentials, Exchange, FileMirror, Person, Platform, Service, preset};
use secrecy::SecretString;
use url::Url;

pub(super) use self::account::{account, checked_account};
use self::check::{checked, is_checked};
use self::nobody::{CODE, Nobody, USER};
use crate::config::Profile;
use crate::profile::secret;
use crate::prompt;
use crate::secret::Secrets;

/// What a person's login for a service is made of.
#[derive(Debug)]
pub(crate) struct Desp {
    pub(crate) person: Person,
    pub(crate) service: Service,
    /// What an API asked for beyond the tokens of the login before.
    asked: Option<Challenge>,
    io: Io,
}

impl Desp {
    /// A login with what the profile says about the person, which asks nobody.
    ///
    /// # Errors
    /// `Config` if the profile does not add up.
    pub(crate) fn kept(
        profile: &Profile,
        io: &Io,
        secrets: &Secrets,
        store: &Arc<dyn TokenStore>,
    ) -> Result<Self> {
        let nobody = |question: &str, _| -> Arc<dyn Secret> {
            Arc::new(Nobody::logged_in(profile, question))
        };
        Self::with(profile, io, secrets, store, nobody)
    }

    /// A login that asks a person for what the profile does not say.
    ///
    /// # Errors
    /// As [`kept`](Self::kept).
    pub(crate) fn asking(
        profile: &Profile,
        io: &Io,
        secrets: &Secrets,
        store: &Arc<dyn TokenStore>,
        prompt: &Arc<dyn Prompt>,
    ) -> Result<Self> {
        let typed = |question: &str, echo| -> Arc<dyn Secret> {
            if prompt::can_ask() {
                return Arc::new(Typed::new(prompt.clone(), question, echo));
            }
            Arc::new(Nobody::at_a_terminal(question))
        };
        Self::with(profile, io, secrets, store, typed)
    }

    /// The same, which tries a password that was refused before: somebody says that it is right now.
    pub(crate) fn with_refused_tried(self) -> Self {
        Self {
            person: self.person.with_refused_tried(),
            ..self
        }
    }

    fn with(
        profile: &Profile,
        io: &Io,
        secrets: &Secrets,
        store: &Arc<dyn TokenStore>,
        otherwise: impl Fn(&str, Echo) -> Arc<dyn Secret>,
    ) -> Result<Self> {
        let settings = &profile.settings;
        let given = |field: &'static str, question: &str, echo| -> Result<Arc<dyn Secret>> {
            Ok(match settings.secret(field) {
                Some(_) => Arc::new(secret(profile, secrets, field)?),
                None => otherwise(question, echo),
            })
        };
        let user: Arc<dyn Secret> = match settings.text("user") {
            Some(user) => Arc::new(SecretString::from(user)),
            None => otherwise(USER, Echo::Shown),
        };
        let password = given("password", "Password", Echo::Hidden)?;
        let code = given("otp", CODE, Echo::Hidden)?;
        let mut credentials = Credentials::new(user, password).with_code(code);
        if settings.secret("totp").is_some() {
            credentials = credentials.with_totp(secret(profile, secrets, "totp")?);
        }
        if let Some(device) = settings.text("device") {
            credentials = credentials.with_device(device);
        }
        let service = service(profile)?;
        let platform = platform(profile, io)?;
        let person = Person::new(platform, credentials, checked(profile, &service, io))
            .with_account(label(profile))
            .with_store(store.clone());
        let person = mirrors(&service, io)
            .into_iter()
            .fold(person, Person::with_mirror);
        Ok(Self {
            person: match settings.is_on("sso") {
                Some(false) => person.without_single_sign_on(),
                _ => person,
            },
            asked: None,
            service,
            io: io.clone(),
        })
    }

    /// The same, with what the person's logins share kept in `store`.
    pub(crate) fn with_account_in(self, store: &Arc<dyn TokenStore>) -> Self {
        Self {
            person: self.person.with_account_in(store),
            ..self
        }
    }

    /// The same, with a copy of the page at which the login can't go on in `file`, if one is wanted.
    pub(crate) fn with_page_copy(self, file: Option<&Path>) -> Self {
        let person = match file {
            Some(file) => self.person.with_page_copy(file),
            None => self.person,
        };
        Self { person, ..self }
    }

    /// The same login, which asks the platform for what an API asked for.
    pub(crate) fn with_challenge(self, asked: Option<Challenge>) -> Self {
        Self { asked, ..self }
    }

    /// The platform's own tokens of the login.
    ///
    /// # Errors
    /// `Config` if they can't be checked as the profile says.
    pub(crate) fn login(&self, observer: &Arc<dyn Observer>) -> Result<CachedSource> {
        let login = self.person.login(&self.service)?;
        let login = login.with_challenge(self.asked.clone());
        Ok(login.with_observer(observer.clone()))
    }

    /// The source of the tokens that the service takes.
    ///
    /// # Errors
    /// As [`login`](Self::login); `Config` if `profile`, of which this was made, does not say who issues what is traded for.
    pub(crate) fn source(
        &self,
        profile: &Profile,
        observer: &Arc<dyn Observer>,
    ) -> Result<CachedSource> {
        let exchange = self.service.exchange();
        if is_checked(profile) && exchange.is_some_and(|exchange| exchange.issuer().is_none()) {
            return Err(profile.missing("exchange-issuer"));
        }
        let source = self.person.traded(&self.service, self.login(observer)?)?;
        Ok(match exchange {
            Some(_) => source.with_observer(observer.clone()),
            None => source,
        })
    }

    /// The grant of the tokens that the service takes.
    ///
    /// # Errors
    /// As [`login`](Self::login).
    pub(crate) fn grant(&self, observer: &Arc<dyn Observer>) -> Result<Box<dyn Grant>> {
        Ok(match self.service.exchange() {
            Some(exchange) => {
                let login = self.login(observer)?;
                Box::new(self.person.exchange_grant(exchange, login)?)
            }
            None => Box::new(self.person.login_grant(&self.service)),
        })
    }

    /// The sessions of the login, in the order in which they are locked, each with the endpoint that ends it.
    ///
    /// # Errors
    /// As [`login`](Self::login).
    pub(crate) fn sessions(&self) -> Result<Vec<(SessionKey, TokenEndpoint)>> {
        let mut sessions = Vec::new();
        let login = self.person.login(&self.service)?;
        let own = login.key().session().clone();
        if let Some(exchange) = self.service.exchange() {
            let grant = self.person.exchange_grant(exchange, login)?;
            let endpoint = exchange.endpoint(&self.io)?;
            sessions.push((grant.key().session().clone(), endpoint));
        }
        sessions.push((own, self.person.endpoint(&self.service)));
        Ok(sessions)
    }
}

/// What writes files that hold the refresh token of a login for `service`.
fn mirrors(service: &Service, io: &Io) -> [Arc<dyn Mirror>; 2] {
    [
        Arc::new(FileMirror::netrc(service, io)),
        Arc::new(FileMirror::polytope(io)),
    ]
}

/// The same for the service that the profile describes.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn mirrors_of(profile: &Profile, io: &Io) -> Result<Vec<Arc<dyn Mirror>>> {
    Ok(mirrors(&service(profile)?, io).into())
}

/// Under which name the person's logins are kept.
fn label(profile: &Profile) -> &str {
    let settings = &profile.settings;
    let named = settings.text("account").or_else(|| settings.text("user"));
    named.unwrap_or("default")
}

/// The platform that the profile names, or the usual one: that of people, and of service accounts the Data Lake.
///
/// # Errors
/// `Config` if it names none.
pub(crate) fn platform(profile: &Profile, io: &Io) -> Result<Platform> {
    let settings = &profile.settings;
    let (url, realm) = match profile.logs_in_to_desp() {
        true => (preset::IAM_URL, preset::REALM),
        false => preset::DATA_LAKE,
    };
    let url = settings.url("iam-url").map_or(url, Url::as_str);
    let realm = settings.text("iam-realm").unwrap_or(realm);
    let at = |realm: &str| Platform::new(url, realm, io.clone());
    at(realm).map_err(|error| {
        let wrong = match at(preset::REALM) {
            Ok(_) => "iam-realm",
            Err(_) => "iam-url",
        };
        error.context(settings.origin(wrong))
    })
}

/// The service that the profile describes.
fn service(profile: &Profile) -> Result<Service> {
    let settings = &profile.settings;
    let redirect = profile.need_text("redirect-uri")?;
    let service = Service::new(&profile.name, profile.need_text("client-id")?, redirect)
        .map_err(|error| error.context(settings.origin("redirect-uri")))?;
    let service = match settings.list("scope") {
        [] => service,
        scopes => service.with_scopes(scopes),
    };
    let Some(url) = settings.url("exchange-url") else {
        return Ok(service);
    };
    let client = settings
        .text("exchange-client-id")
        .map_or_else(|| profile.need_text("audience"), Ok)?;
    let exchange = Exchange::new(
        url.as_str(),
        client,
        settings.text("audience").unwrap_or(client),
        profile.need_text("subject-issuer")?,
    )
    .map_err(|error| error.context(settings.origin("exchange-url")))?;
    Ok(
        service.with_exchange(match settings.text("exchange-issuer") {
            Some(issuer) => exchange.with_issuer(issuer),
            None => exchange,
        }),
    )
}
