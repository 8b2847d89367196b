//! [`Attempt`]: one way through the login pages.

use auth_core::endpoint::AuthorizationRequest;
use auth_core::session::LockedAccount;
use auth_core::{Error, ErrorKind, Fingerprint, Recall, Result, Untrusted};
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::PlatformLogin;
use super::refused::Refused;
use super::stuck::{said, stuck};
use super::visit::{Arrived, DEADLINE, Visit};
use crate::cookie::CookieJar;
use crate::page::{Form, Page, Remark};

/// One way through the login pages, while the account is ours.
pub(super) struct Attempt<'a> {
    pub(super) login: &'a PlatformLogin,
    pub(super) account: LockedAccount<'a>,
    pub(super) visit: Visit<'a>,
    /// Whether the person is known from another login.
    knows_us: bool,
    /// Whose login it is, as far as it is known here.
    owner: Option<String>,
    given: Given,
    has_sent_name: bool,
    has_sent_password: bool,
    pub(super) has_sent_code: bool,
    has_restarted: bool,
}

/// What a person would type, each asked for once.
#[derive(Default)]
struct Given {
    user: Option<SecretString>,
    password: Option<SecretString>,
    /// Whether a person typed some of it.
    is_typed: bool,
}

impl<'a> Attempt<'a> {
    /// What the IAM remembers of another person than the one who is configured is left alone.
    pub(super) async fn new(
        login: &'a PlatformLogin,
        request: &'a AuthorizationRequest,
        account: LockedAccount<'a>,
    ) -> Result<Self> {
        let home = login.platform.login_actions();
        let user = &login.credentials.user;
        let owner = match user.asks() {
            true => None,
            false => match account.reveal(&**user).await {
                Ok(user) => Some(named(&user)),
                // Whoever it is, somebody logged in.
                Err(error) if error.kind() == ErrorKind::Interaction => None,
                Err(error) => return Err(error),
            },
        };
        let known = account.note(OWNER).map(ExposeSecret::expose_secret);
        let is_theirs = owner.is_none() || known.is_none() || owner.as_deref() == known;
        let jar = match account.note(COOKIES).filter(|_| is_theirs) {
            Some(cookies) => CookieJar::from_secret(&home, cookies),
            None => CookieJar::new(&home),
        };
        let io = login.endpoint.io();
        Ok(Self {
            knows_us: !jar.is_empty(),
            owner,
            given: Given::default(),
            visit: Visit::new(&login.platform, io, request, jar),
            login,
            account,
            has_sent_name: false,
            has_sent_password: false,
            has_sent_code: false,
            has_restarted: false,
        })
    }

    /// The code that the login ends with. What the IAM remembers of the person is kept for the next service.
    pub(super) async fn code(mut self, request: &AuthorizationRequest) -> Result<SecretString> {
        if !self.knows_us {
            // They will be asked for, and nothing is sent where they can't be had.
            self.ask(true, true).await?;
        }
        let mut arrived = self.visit.open().await?;
        loop {
            arrived = match arrived {
                Arrived::SentTo(url) => {
                    let code = self.sent_to(request, &url)?;
                    let cookies = self.visit.jar.to_secret();
                    self.account.set_note(COOKIES, Some(cookies));
                    if let Some(owner) = self.owner.take() {
                        self.account.set_note(OWNER, Some(owner.into()));
                    }
                    if self.has_sent_password {
                        self.account.set_note(REFUSED, None);
                    }
                    self.save().await;
                    self.account.release().await;
                    return Ok(code);
                }
                Arrived::At(page, status) => self.on(page, status).await?,
            }
        }
    }

    async fn on(&mut self, page: Page, status: StatusCode) -> Result<Arrived> {
        match page {
            Page::Login {
                form,
                wants_username,
                wants_password,
                remark,
            } => {
                self.judge(remark, wants_username).await?;
                self.log_in(&form, wants_username, wants_password).await
            }
            Page::OneTimeCode {
                form,
                devices,
                remark,
            } => self.one_time_code(&form, &devices, remark).await,
            Page::Expired if !self.has_restarted => self.restart().await,
            // What we know the person by is of no use any more.
            Page::Failed(_) if self.knows_us && !self.has_restarted => self.restart().await,
            Page::Failed(text) if self.has_sent_name || self.has_sent_password => {
                let broken = format!("the IAM broke the login off: {}", said(&text));
                Err(Error::unavailable(broken)
                    .with_advice("try again; if it stays so, report it to the platform")
                    .with_status(status.as_u16()))
            }
            page => {
                Err(stuck(&self.login.platform, &self.login.service, page)
                    .with_status(status.as_u16()))
            }
        }
    }

    /// Begins anew, as somebody whom the IAM does not know.
    async fn restart(&mut self) -> Result<Arrived> {
        self.begin_anew();
        self.visit.jar = CookieJar::new(&self.login.platform.login_actions());
        self.visit.open().await
    }

    fn begin_anew(&mut self) {
        self.has_restarted = true;
        self.knows_us = false;
        self.has_sent_name = false;
        self.has_sent_password = false;
        self.has_sent_code = false;
    }

    /// Whether nobody has looked at what was sent, as where the code of its form was spent. Believed once.
    pub(super) fn was_unread(&mut self) -> bool {
        self.visit.was_sent_on && !std::mem::replace(&mut self.has_restarted, true)
    }

    /// What the login page says about what was sent to it.
    async fn judge(&mut self, remark: Option<Remark>, wants_username: bool) -> Result<()> {
        let has_sent = self.has_sent_name || self.has_sent_password;
        match remark {
            Some(Remark::Restarted(_)) if !self.has_restarted => {
                self.begin_anew();
                Ok(())
            }
            Some(Remark::Wrong(text)) if has_sent => Err(self.refused(&text).await),
            Some(Remark::Barred(text)) if has_sent => Err(Error::refused(format!(
                "the account can't log in: {}",
                said(&text)
            ))
            .with_advice("ask whoever runs the platform to enable it")),
            _ if !(self.has_sent_password || wants_username && self.has_sent_name) => Ok(()),
            _ if self.was_unread() => Ok(()),
            _ => Err(
                Error::protocol("the IAM asks for the same again and does not say why")
                    .with_advice("try again later; if it stays so, report it to the platform")
                    .with_recall(Recall::Always),
            ),
        }
    }

    async fn log_in(&mut self, form: &Form, name: bool, password: bool) -> Result<Arrived> {
        self.ask(name, password).await?;
        if password && !self.given.is_typed && !self.login.tries_refused {
            self.ensure_not_refused().await?;
        }
        self.account.ensure_locks_outlive(DEADLINE)?;
        self.has_sent_name |= name;
        self.has_sent_password |= password;
        let given = [
            ("username", self.given.user.as_ref().filter(|_| name)),
            (
                "password",
                self.given.password.as_ref().filter(|_| password),
            ),
        ];
        let values = given
            .into_iter()
            .filter_map(|(name, value)| Some((name, value?)));
        self.visit.send(form, &values.collect::<Vec<_>>()).await
    }

    /// Has user name and password given, as far as a page wants them. A person is not asked for more.
    async fn ask(&mut self, name: bool, password: bool) -> Result<()> {
        let credentials = &self.login.credentials;
        if name && self.given.user.is_none() {
            let is_typed = credentials.user.asks();
            let user = self.account.reveal(&*credentials.user).await?;
            if user.expose_secret().trim().is_empty() {
                return Err(empty("user name", is_typed));
            }
            self.owner = Some(named(&user));
            self.given.user = Some(user);
            self.given.is_typed |= is_typed;
        }
        if !name && self.given.user.is_none() && !credentials.user.asks() {
            // No page wants it, but a refused password goes by it.
            self.given.user = self.account.reveal(&*credentials.user).await.ok();
        }
        if password && self.given.password.is_none() {
            let is_typed = credentials.password.asks();
            let password = self.account.reveal(&*credentials.password).await?;
            if password.expose_secret().is_empty() {
                return Err(empty("password", is_typed));
            }
            self.given.password = Some(password);
            self.given.is_typed |= is_typed;
        }
        Ok(())
    }

    async fn ensure_not_refused(&self) -> Result<()> {
        let (note, now) = (self.account.note(REFUSED), self.visit.clock().now().wall);
        let (user, password) = self.pair();
        if !Refused::is(note, &user, &password, now).await {
            return Ok(());
        }
        Err(Error::refused(
            "the IAM has refused this password before, so it was not sent again: that locks an account",
        )
        .with_advice("correct the password, or log in by hand to have the same one tried again")
        .with_recall(Recall::Always))
    }

    /// By which a refused password is known again: with the name under which the login is kept, where no page asked
    /// for another.
    fn pair(&self) -> (SecretString, SecretString) {
        let user = self.given.user.clone();
        let label = || self.account.session().account().into();
        let password = self.given.password.clone();
        (user.unwrap_or_else(label), password.unwrap_or_default())
    }

    /// A locked account is told the same as one whose password is wrong, so nothing is tried again.
    async fn refused(&mut self, text: &str) -> Error {
        let credentials = &self.login.credentials;
        credentials.user.refused();
        credentials.password.refused();
        let is_typed = self.given.is_typed;
        if !is_typed && self.has_sent_password {
            self.remember_refused().await;
        }
        Error::refused(format!(
            "the IAM refuses the user name or the password: {}",
            said(text)
        ))
        .with_advice(
            "check both; it says the same where an account is locked for a while, so do not try too often",
        )
        .with_recall(if is_typed { Recall::Never } else { Recall::Always })
    }

    async fn remember_refused(&mut self) {
        let now = self.visit.clock().now().wall;
        let (user, password) = self.pair();
        match Refused::remember(&user, &password, now).await {
            Ok(note) => {
                self.account.set_note(REFUSED, Some(note));
                self.save().await;
            }
            Err(error) => tracing::warn!(%error, "the refused password is not remembered"),
        }
    }

    /// The answer to the login, which is an address of the service.
    fn sent_to(&self, request: &AuthorizationRequest, url: &Url) -> Result<SecretString> {
        if !request.ends_at(url) {
            let origin = url.origin().ascii_serialization();
            return Err(Error::protocol(format!(
                "the IAM leads away from the login, to {}; nothing was sent there",
                Untrusted::new(&origin)
            ))
            .with_advice("check the IAM's URL and the service's redirect URI"));
        }
        let answer = request.answer(url.query().unwrap_or_default().as_bytes());
        answer.unwrap_or_else(|| {
            Err(Error::protocol("the IAM ends another login than this one")
                .with_advice("try again; if it stays so, report it to the platform"))
        })
    }

    /// What could not be kept costs a password or a code more, and is no reason to fail.
    pub(super) async fn save(&mut self) {
        if let Err(error) = self.account.save().await {
            tracing::warn!(%error, "what the platform's logins share is not kept");
        }
    }
}

/// An empty answer. What was typed is not remembered: the next one is asked for again.
pub(super) fn empty(what: &str, is_typed: bool) -> Error {
    let error = Error::config(format!("the {what} is empty"));
    match is_typed {
        true => error
            .with_advice("type it when it is asked for")
            .with_recall(Recall::Never),
        false => error.with_advice("configure it, or have it asked for"),
    }
}

/// How a note tells one user name from another.
fn named(user: &SecretString) -> String {
    Fingerprint::of(user.expose_secret().trim()).name()
}

/// The note with the cookies of the single sign-on.
const COOKIES: &str = "cookies";

/// The note that says whose cookies they are.
const OWNER: &str = "owner";

/// The note with a password that was refused.
const REFUSED: &str = "refused";
