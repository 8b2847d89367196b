//! [`PlatformLogin`]: the grant of a person's login through the platform's login pages.

mod attempt;
mod code;
mod given;
mod page_copy;
mod refusal;
mod refused;
mod shared;
mod stuck;
mod visit;
mod way;

use std::path::PathBuf;

use auth_core::endpoint::AuthorizationRequest;
use auth_core::session::{Account, Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{BoxFuture, ClientAuth, Grant, Result, TokenEndpoint};

use self::attempt::Attempt;
pub(crate) use self::code::is_unspent;
use crate::credentials::Credentials;
use crate::platform::Platform;
use crate::service::Service;

/// A person's login through the platform's login pages, without a browser: user name, password and one-time code go
/// to the forms of the IAM (authorization code with PKCE; RFC 6749 §4.1, RFC 7636), and to nothing else. Where the
/// person is known to the IAM from another service, nothing is asked.
///
/// A password is sent once: the IAM says of a locked account that its password is wrong. One that was refused and was
/// not typed by a person is not sent again for a day, by no process that shares the account's entry.
#[derive(Debug)]
pub(crate) struct PlatformLogin {
    platform: Platform,
    service: Service,
    endpoint: TokenEndpoint,
    credentials: Credentials,
    account: Account,
    key: StoreKey,
    manner: Manner,
    page_copy: Option<PathBuf>,
}

/// What a login goes by besides what a page asks for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Whether a password is sent that was refused before: somebody says that it is right now.
    pub(crate) tries_refused: bool,
    /// Whether it uses and keeps what the platform remembers the person by.
    pub(crate) signs_on_once: bool,
}

impl PlatformLogin {
    /// The login for `service` under the label of `account`, which has what the logins for all services share.
    pub(crate) fn new(
        platform: Platform,
        service: Service,
        credentials: Credentials,
        account: Account,
        manner: Manner,
    ) -> Self {
        let endpoint = platform.endpoint(ClientAuth::public(service.client_id()));
        let session = endpoint
            .session(account.session().account())
            .with_scopes(service.scopes());
        Self {
            key: StoreKey::new(session),
            platform,
            service,
            endpoint,
            credentials,
            account,
            manner,
            page_copy: None,
        }
    }

    /// Writes a copy of the page at which the login can't go on into this file.
    pub(crate) fn with_page_copy(self, page_copy: Option<PathBuf>) -> Self {
        Self { page_copy, ..self }
    }

    /// The endpoint that the login ends at.
    pub(crate) fn endpoint(&self) -> &TokenEndpoint {
        &self.endpoint
    }

    /// Where the person was known from another login, the code is of a session that they share: it may end before the
    /// code is redeemed. Another attempt costs what the first one would have cost without that session.
    async fn log_in(&self, held: &Held) -> Result<TokenSet> {
        let (outcome, was_asked) = self.attempt(held).await?;
        match outcome {
            Err(error) if error.is_refusal("invalid_grant") && !was_asked => {
                tracing::debug!(%error, "the session of the code has ended; another attempt");
                self.attempt(held).await?.0
            }
            outcome => outcome,
        }
    }

    /// The tokens, or why there are none for a code that was got; and whether anything was asked for it.
    async fn attempt(&self, held: &Held) -> Result<(Result<TokenSet>, bool)> {
        let redirect = self.service.redirect_uri().as_str();
        let scopes = self.service.scopes();
        let request =
            AuthorizationRequest::new(&self.endpoint, held, redirect, scopes, &[]).await?;
        let account = self.account.lock(held).await?;
        let attempt = Attempt::new(self, held, &request, account).await?;
        let (code, was_asked) = attempt.code(&request).await?;
        // The account is free again: the code is ours alone.
        Ok((request.redeem(held, code).await, was_asked))
    }
}

impl Grant for PlatformLogin {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.log_in(held))
    }
}
