//! [`Attempt`]: one way through the login pages.

use auth_core::endpoint::AuthorizationRequest;
use auth_core::error::{Recall, Untrusted};
use auth_core::session::{Held, LockedAccount};
use auth_core::token::Fingerprint;
use auth_core::{Error, ErrorKind, Result};
use bytes::Bytes;
use http::StatusCode;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::PlatformLogin;
use super::given::Given;
use super::refused::{REFUSED, REFUSED_CODE};
use super::stuck::said;
use super::visit::{Arrived, DEADLINE, Visit};
use crate::cookie::CookieJar;
use crate::page::{Form, Page, Remark};

/// One way through the login pages, while the account is ours.
pub(super) struct Attempt<'a> {
    pub(super) login: &'a PlatformLogin,
    pub(super) held: &'a Held,
    pub(super) account: LockedAccount<'a>,
    pub(super) visit: Visit<'a>,
    /// Whether the person is known from another login.
    knows_us: bool,
    pub(super) given: Given,
    has_sent_name: bool,
    pub(super) has_sent_password: bool,
    pub(super) has_sent_code: bool,
    /// The code that was sent, or the secret that it was made from.
    pub(super) sent_from: Option<SecretString>,
    has_restarted: bool,
    /// What a page asked for that no program has, and that page.
    pub(super) wanted: Option<(Page, Bytes)>,
    /// How many of the other ways were gone.
    pub(super) ways_gone: usize,
}

impl<'a> Attempt<'a> {
    /// What the IAM remembers of another person than the one who is configured is left alone.
    pub(super) async fn new(
        login: &'a PlatformLogin,
        held: &'a Held,
        request: &'a AuthorizationRequest,
        account: LockedAccount<'a>,
    ) -> Result<Self> {
        let home = login.platform.login_actions();
        let mut given = Given::default();
        let is_theirs = match (login.credentials.user.asks(), account.note(OWNER)) {
            (false, Some(owner)) => {
                match given.user(&login.credentials, &account).await {
                    Ok(user) => named(&user) == owner.expose_secret(),
                    // Whoever it is, somebody logged in.
                    Err(error) if error.kind() == ErrorKind::Interaction => true,
                    Err(error) => return Err(error),
                }
            }
            _ => true,
        };
        let jar = match account
            .note(COOKIES)
            .filter(|_| is_theirs && login.manner.signs_on_once)
        {
            Some(cookies) => CookieJar::from_secret(&home, cookies),
            None => CookieJar::new(&home),
        };
        let io = login.endpoint.io();
        Ok(Self {
            knows_us: !jar.is_empty(),
            given,
            visit: Visit::new(&login.platform, io, request, jar),
            login,
            held,
            account,
            has_sent_name: false,
            has_sent_password: false,
            has_sent_code: false,
            sent_from: None,
            has_restarted: false,
            wanted: None,
            ways_gone: 0,
        })
    }

    /// The code that the login ends with, and whether anything was asked for it. What the IAM remembers of the person
    /// is kept for the next service.
    pub(super) async fn code(
        mut self,
        request: &AuthorizationRequest,
    ) -> Result<(SecretString, bool)> {
        match self.walk(request).await {
            Ok(code) => {
                let code = self.shared(request, code).await;
                let was_asked = self.was_asked();
                self.account.release().await;
                Ok((code, was_asked))
            }
            Err(error) => Err(self.copied(error).await),
        }
    }

    /// Whether the person has just proven who they are, so that a session of theirs begins.
    pub(super) fn was_asked(&self) -> bool {
        self.has_sent_password || self.has_sent_code
    }

    async fn walk(&mut self, request: &AuthorizationRequest) -> Result<SecretString> {
        if !self.knows_us {
            // They will be asked for, and nothing is sent where they can't be had.
            self.user().await?;
            self.password().await?;
        }
        let mut arrived = self.visit.open().await?;
        loop {
            arrived = match arrived {
                Arrived::SentTo(url) => {
                    let code = self.sent_to(request, &url)?;
                    if self.login.manner.signs_on_once {
                        let cookies = self.visit.jar.to_secret();
                        self.account.set_note(COOKIES, Some(cookies));
                    }
                    if self.has_sent_password {
                        self.account.set_note(REFUSED, None);
                    }
                    if self.has_sent_code {
                        self.account.set_note(REFUSED_CODE, None);
                    }
                    if self.has_sent_name {
                        let owner = named(&self.user().await?);
                        self.account.set_note(OWNER, Some(owner.into()));
                    }
                    self.save().await;
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
            Page::OrAnotherWay(page, way_out) => self.leave(*page, &way_out).await,
            Page::Ways(ways) => self.go_on(&ways, status).await,
            page => Err(self.no_way(page, status)),
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
        self.ways_gone = 0;
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
        let (user, secret, code);
        let mut values = Vec::new();
        if name {
            user = self.user().await?;
            values.push(("username", &user));
        }
        if password {
            if !name && !self.login.credentials.user.asks() {
                // No page wants it, but a refused password goes by it.
                self.user().await.ok();
            }
            secret = self.password().await?;
            values.push(("password", &secret));
            self.ensure_not_refused().await?;
        }
        if password && form.has("otp") {
            // Who has no device leaves it empty.
            code = self.next_code().await?;
            values.extend(code.as_ref().map(|code| ("otp", code)));
        }
        self.account.ensure_locks_outlive(DEADLINE)?;
        self.has_sent_name |= name;
        self.has_sent_password |= password;
        self.visit.send(form, &values).await
    }

    async fn user(&mut self) -> Result<SecretString> {
        let credentials = &self.login.credentials;
        self.given.user(credentials, &self.account).await
    }

    async fn password(&mut self) -> Result<SecretString> {
        let credentials = &self.login.credentials;
        self.given.password(credentials, &self.account).await
    }

    /// The answer to the login, which is an address of the service.
    pub(super) fn sent_to(
        &self,
        request: &AuthorizationRequest,
        url: &Url,
    ) -> Result<SecretString> {
        if !request.ends_at(url) {
            let place = match url.origin() {
                origin if origin.is_tuple() => origin.ascii_serialization(),
                _ => format!("{}:", url.scheme()),
            };
            return Err(Error::protocol(format!(
                "the IAM leads away from the login, to {}; nothing was sent there",
                Untrusted::new(&place)
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

/// How a note tells one user name from another.
fn named(user: &SecretString) -> String {
    Fingerprint::of(user.expose_secret().trim()).name()
}

/// The note with the cookies of the single sign-on.
const COOKIES: &str = "cookies";

/// The note that says whose cookies they are.
const OWNER: &str = "owner";
