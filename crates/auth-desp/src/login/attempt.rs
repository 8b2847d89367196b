//! [`Attempt`]: one way through the login pages.

use auth_core::endpoint::AuthorizationRequest;
use auth_core::session::LockedAccount;
use auth_core::{Error, Recall, Result, Untrusted};
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
    given: Option<Given>,
    has_sent_name: bool,
    has_sent_password: bool,
    pub(super) has_sent_code: bool,
    has_restarted: bool,
}

/// What a person would type.
#[derive(Clone)]
struct Given {
    user: SecretString,
    password: SecretString,
    is_typed: bool,
}

impl<'a> Attempt<'a> {
    pub(super) fn new(login: &'a PlatformLogin, account: LockedAccount<'a>) -> Self {
        let home = login.platform.login_actions();
        let jar = match account.note(COOKIES) {
            Some(cookies) => CookieJar::from_secret(&home, cookies),
            None => CookieJar::new(&home),
        };
        let io = login.endpoint.io();
        Self {
            knows_us: !jar.is_empty(),
            given: None,
            visit: Visit::new(&login.platform, io, jar),
            login,
            account,
            has_sent_name: false,
            has_sent_password: false,
            has_sent_code: false,
            has_restarted: false,
        }
    }

    /// The code that the login ends with. What the IAM remembers of the person is kept for the next service.
    pub(super) async fn code(mut self, request: &AuthorizationRequest) -> Result<SecretString> {
        if !self.knows_us {
            // They will be asked for, and nothing is sent where they can't be had.
            self.given().await?;
        }
        let mut arrived = self.visit.open(request.url()).await?;
        loop {
            arrived = match arrived {
                Arrived::SentTo(url) => {
                    let code = self.sent_to(request, &url)?;
                    let cookies = self.visit.jar.to_secret();
                    self.account.set_note(COOKIES, Some(cookies));
                    self.account.set_note(REFUSED, None);
                    self.save().await;
                    self.account.release().await;
                    return Ok(code);
                }
                Arrived::At(page, status) => self.on(request, page, status).await?,
            }
        }
    }

    async fn on(
        &mut self,
        request: &AuthorizationRequest,
        page: Page,
        status: StatusCode,
    ) -> Result<Arrived> {
        match page {
            Page::Login {
                form,
                wants_username,
                wants_password,
                remark,
            } => {
                self.judge(remark).await?;
                self.log_in(&form, wants_username, wants_password).await
            }
            Page::OneTimeCode {
                form,
                devices,
                remark,
            } => self.one_time_code(&form, &devices, remark).await,
            Page::Expired if !self.has_restarted => self.restart(request).await,
            // What we know the person by is of no use any more.
            Page::Failed(_) if self.knows_us && !self.has_restarted => self.restart(request).await,
            page => {
                Err(stuck(&self.login.platform, &self.login.service, page)
                    .with_status(status.as_u16()))
            }
        }
    }

    /// Begins anew, as somebody whom the IAM does not know.
    async fn restart(&mut self, request: &AuthorizationRequest) -> Result<Arrived> {
        self.begin_anew();
        self.visit.jar = CookieJar::new(&self.login.platform.login_actions());
        self.visit.open(request.url()).await
    }

    fn begin_anew(&mut self) {
        self.has_restarted = true;
        self.knows_us = false;
        self.has_sent_name = false;
        self.has_sent_password = false;
        self.has_sent_code = false;
    }

    /// What the login page says about what was sent to it.
    async fn judge(&mut self, remark: Option<Remark>) -> Result<()> {
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
            _ if self.has_sent_password => Err(Error::protocol(
                "the IAM asks for the password again and does not say why",
            )
            .with_advice("try again later; if it stays so, report it to the platform")
            .with_recall(Recall::Always)),
            _ => Ok(()),
        }
    }

    async fn log_in(&mut self, form: &Form, name: bool, password: bool) -> Result<Arrived> {
        // The one goes with the other, also where only one is sent.
        let given = self.given().await?;
        if password && !given.is_typed && !self.login.tries_refused {
            self.ensure_not_refused(&given).await?;
        }
        let values = [("username", &given.user), ("password", &given.password)];
        let values = match (name, password) {
            (true, true) => &values[..],
            (true, false) => &values[..1],
            _ => &values[1..],
        };
        self.account.ensure_locks_outlive(DEADLINE)?;
        self.has_sent_name |= name;
        self.has_sent_password |= password;
        self.visit.send(form, values).await
    }

    /// User name and password, asked for once.
    async fn given(&mut self) -> Result<Given> {
        if let Some(given) = &self.given {
            return Ok(given.clone());
        }
        let credentials = &self.login.credentials;
        let is_typed = credentials.user.asks() || credentials.password.asks();
        let user = self.account.reveal(&*credentials.user).await?;
        let password = self.account.reveal(&*credentials.password).await?;
        for (what, secret) in [("user name", &user), ("password", &password)] {
            if secret.expose_secret().trim().is_empty() {
                return Err(Error::config(format!("the {what} is empty"))
                    .with_advice("give the one that you log in to the platform with"));
            }
        }
        let given = Given {
            user,
            password,
            is_typed,
        };
        self.given = Some(given.clone());
        Ok(given)
    }

    async fn ensure_not_refused(&self, given: &Given) -> Result<()> {
        let (note, now) = (self.account.note(REFUSED), self.visit.clock().now().wall);
        if !Refused::is(note, &given.user, &given.password, now).await {
            return Ok(());
        }
        Err(Error::refused(
            "the IAM has refused this password before, so it was not sent again: that locks an account",
        )
        .with_advice("correct the password, or log in by hand to have the same one tried again")
        .with_recall(Recall::Always))
    }

    /// A locked account is told the same as one whose password is wrong, so nothing is tried again.
    async fn refused(&mut self, text: &str) -> Error {
        let credentials = &self.login.credentials;
        credentials.user.refused();
        credentials.password.refused();
        let given = self.given.take();
        let is_typed = given.as_ref().is_some_and(|given| given.is_typed);
        if let Some(given) = given.filter(|given| !given.is_typed && self.has_sent_password) {
            self.remember_refused(&given).await;
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

    async fn remember_refused(&mut self, given: &Given) {
        let now = self.visit.clock().now().wall;
        match Refused::remember(&given.user, &given.password, now).await {
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

/// The note with the cookies of the single sign-on.
const COOKIES: &str = "cookies";

/// The note with a password that was refused.
const REFUSED: &str = "refused";
