//! [`Person`]: somebody's logins at the platform.

use std::path::PathBuf;
use std::sync::Arc;

use auth_core::provider::Metadata;
use auth_core::session::{Account, Checked, Held, Mirror};
use auth_core::store::{MemoryStore, StoreLock, TokenStore};
use auth_core::{
    CachedSource, ClientAuth, Error, Grant, Io, Provider, Refreshing, Result, TokenEndpoint,
    TokenExchange,
};

use crate::credentials::Credentials;
use crate::login::{Manner, PlatformLogin, is_unspent};
use crate::platform::Platform;
use crate::service::{Exchange, Service};

/// Somebody who logs in to the platform: sources of their tokens for one service after the other, of which the first
/// costs a password and a one-time code, and the others nothing while the platform remembers the person.
///
/// What they would type goes to the forms of the IAM (authorization code with PKCE; RFC 6749 §4.1, RFC 7636), and to
/// nothing else. A password is sent once: the IAM says of a locked account that its password is wrong. One that was
/// refused and was not typed is not sent again for a day, by no process that shares the account's entry.
///
/// All of it lies in the store: a [`MemoryStore`] of its own, unless [`with_store`](Self::with_store) names one that
/// outlives the program. Making it does no I/O.
#[derive(Clone, Debug)]
pub struct Person {
    platform: Platform,
    credentials: Credentials,
    checked: Checked,
    label: String,
    store: Arc<dyn TokenStore>,
    account: Account,
    mirrors: Vec<Arc<dyn Mirror>>,
    manner: Manner,
    page_copy: Option<PathBuf>,
}

impl Person {
    /// A person who logs in with `credentials`. Tokens are handed out after `checked` agreed: for the platform's
    /// issuer, and for that of the realm where a token is exchanged.
    pub fn new(platform: Platform, credentials: Credentials, checked: Checked) -> Self {
        let store: Arc<dyn TokenStore> = Arc::new(MemoryStore::new());
        let label = "default".to_owned();
        Self {
            account: account(&platform, &label, &store),
            platform,
            credentials,
            checked,
            label,
            store,
            mirrors: Vec::new(),
            page_copy: None,
            manner: Manner {
                tries_refused: false,
                signs_on_once: true,
            },
        }
    }

    /// Keeps the logins under another label than `default`: the user name where one is configured.
    #[must_use]
    pub fn with_account(self, label: impl Into<String>) -> Self {
        let label = label.into();
        Self {
            account: account(&self.platform, &label, &self.store),
            label,
            ..self
        }
    }

    /// Keeps the logins in `store`, where other programs find them; and with them what the platform remembers the
    /// person by, the last one-time code that was sent, and a password that was refused.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn TokenStore>) -> Self {
        Self {
            account: account(&self.platform, &self.label, &store),
            store,
            ..self
        }
    }

    /// Neither uses nor keeps what the platform remembers the person by: each login costs password and one-time code.
    /// Which codes were sent and which password was refused is kept all the same, so that no account is locked.
    #[must_use]
    pub fn without_single_sign_on(mut self) -> Self {
        self.manner.signs_on_once = false;
        self
    }

    /// Keeps what the logins share in another store than the logins. To be said after
    /// [`with_store`](Self::with_store).
    #[must_use]
    pub fn with_account_in(self, store: &Arc<dyn TokenStore>) -> Self {
        Self {
            account: account(&self.platform, &self.label, store),
            ..self
        }
    }

    /// Tries a password that was refused before: somebody says that it is right now.
    #[must_use]
    pub fn with_refused_tried(mut self) -> Self {
        self.manner.tries_refused = true;
        self
    }

    /// Writes a copy of the page at which a login can't go on, because nobody here knows such a page, into the new file
    /// `path`, for whoever mends that: its elements with what tells them apart, and what headings, labels and buttons say,
    /// without any value, query or script, and without the user name. The error then says so.
    #[must_use]
    pub fn with_page_copy(self, path: impl Into<PathBuf>) -> Self {
        Self {
            page_copy: Some(path.into()),
            ..self
        }
    }

    /// Writes files that hold the refresh token of a login, such as [`FileMirror`](crate::FileMirror).
    #[must_use]
    pub fn with_mirror(mut self, mirror: Arc<dyn Mirror>) -> Self {
        self.mirrors.push(mirror);
        self
    }

    /// Forgets what the logins share, under the `lock` of the [account](Self::account). Which one-time codes were sent is
    /// kept as long as the IAM would take one again, under whichever label it was: nobody is to send it twice. Says
    /// whether there was anything.
    ///
    /// # Errors
    /// `Store`.
    pub async fn forget(&self, lock: &StoreLock) -> Result<bool> {
        let was_kept = self.account.forget(lock).await?;
        let codes = self.account.of_everybody();
        if codes.is_kept().await? {
            let held = Held::new();
            let mut codes = codes.lock(&held).await?;
            let now = self.io().clock().now().wall;
            codes.retain(|_, value| is_unspent(value, now));
            codes.save().await?;
            codes.release().await;
        }
        Ok(was_kept)
    }

    /// What the logins share.
    pub fn account(&self) -> &Account {
        &self.account
    }

    /// The tokens that `service` takes: the platform's, or those of another realm that the platform's are traded for.
    ///
    /// # Errors
    /// `Config` where the tokens are to be checked and their issuer is not known.
    pub fn source(&self, service: &Service) -> Result<CachedSource> {
        self.traded(service, self.login(service)?)
    }

    /// The same, where `login` is the [login](Self::login) for `service`, with what its holder wants of it.
    ///
    /// # Errors
    /// As [`source`](Self::source).
    pub fn traded(&self, service: &Service, login: CachedSource) -> Result<CachedSource> {
        let Some(exchange) = service.exchange() else {
            return Ok(login);
        };
        let grant = self.exchange_grant(exchange, login)?;
        let source = CachedSource::new(grant, self.io().clone()).with_store(self.store.clone());
        let issuer = match (exchange.issuer(), &self.checked) {
            (Some(issuer), _) => issuer,
            (None, Checked::No) => return Ok(source),
            (None, _) => {
                return Err(Error::config(format!(
                    "nobody says who issues the exchanged tokens of service {}",
                    service.name()
                ))
                .with_advice("set the issuer of the exchange"));
            }
        };
        self.checked(source, issuer, exchange.client_id())
    }

    /// The platform's own tokens of the login for `service`.
    ///
    /// # Errors
    /// Those of whoever makes the check.
    pub fn login(&self, service: &Service) -> Result<CachedSource> {
        let source = CachedSource::new(self.login_grant(service), self.io().clone());
        let source = source.with_store(self.store.clone());
        let source = self
            .mirrors
            .iter()
            .cloned()
            .fold(source, CachedSource::with_mirror);
        self.checked(source, self.platform.issuer(), service.client_id())
    }

    /// Where the login for `service` is renewed and ended.
    pub fn endpoint(&self, service: &Service) -> TokenEndpoint {
        self.platform
            .endpoint(ClientAuth::public(service.client_id()))
    }

    /// What writes files that hold the refresh token of a login.
    pub fn mirrors(&self) -> &[Arc<dyn Mirror>] {
        &self.mirrors
    }

    /// The grant of [`login`](Self::login).
    pub fn login_grant(&self, service: &Service) -> Refreshing {
        let login = PlatformLogin::new(
            self.platform.clone(),
            service.clone(),
            self.credentials.clone(),
            self.account.clone(),
            self.manner,
        )
        .with_page_copy(self.page_copy.clone());
        let endpoint = login.endpoint().clone();
        Refreshing::new(endpoint, login)
    }

    /// The grant that trades the tokens of `subject`, a login for the service.
    ///
    /// # Errors
    /// `Config` where `subject` does not say whose tokens it hands out.
    pub fn exchange_grant(
        &self,
        exchange: &Exchange,
        subject: CachedSource,
    ) -> Result<impl Grant + 'static> {
        let endpoint = exchange.endpoint(self.io())?;
        let trade = TokenExchange::new(endpoint.clone(), Arc::new(subject))?
            .with_parameter("subject_issuer", exchange.subject_issuer())
            .with_parameter("audience", exchange.audience());
        Ok(Refreshing::new(endpoint, trade))
    }

    fn checked(&self, source: CachedSource, issuer: &str, client: &str) -> Result<CachedSource> {
        Ok(match self.checked.check(issuer, client)? {
            Some(check) => source.with_check(check),
            None => source,
        })
    }

    fn io(&self) -> &Io {
        self.platform.provider().io()
    }
}

impl Exchange {
    /// The endpoint at which tokens are traded. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the issuer is no https URL (plain http is for loopback).
    pub fn endpoint(&self, io: &Io) -> Result<TokenEndpoint> {
        let client = ClientAuth::public(self.client_id());
        let token_url = self.token_url().clone();
        let Some(issuer) = self.issuer() else {
            return Ok(TokenEndpoint::new(token_url, client, io.clone()));
        };
        let provider = Provider::known(Metadata::new(issuer, token_url), io.clone())?;
        Ok(TokenEndpoint::discovered(provider, client))
    }
}

fn account(platform: &Platform, label: &str, store: &Arc<dyn TokenStore>) -> Account {
    Account::new(platform.issuer(), label, platform.provider().io()).with_store(store.clone())
}
