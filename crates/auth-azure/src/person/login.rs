//! [`Login`]: the person is asked, and who they are is noted.

use std::sync::Arc;
use std::time::Duration;

use auth_core::error::Untrusted;
use auth_core::session::{Held, TokenSet};
use auth_core::store::StoreKey;
use auth_core::{
    AuthorizationCode, BoxFuture, DeviceCode, Error, Grant, Prompt, RedirectUri, Result,
    TokenEndpoint,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

/// Which way a person logs in.
#[derive(Clone, Debug)]
pub(super) enum Way {
    Browser(RedirectUri),
    Device,
}

/// A login of a person for one API.
#[derive(Clone, Debug)]
pub(super) struct Login {
    pub(super) endpoint: TokenEndpoint,
    pub(super) prompt: Arc<dyn Prompt>,
    pub(super) way: Way,
    pub(super) scopes: Vec<String>,
    pub(super) parameters: Vec<(String, String)>,
    /// Where codes are entered, besides on the server's own host.
    pub(super) code_pages: &'static [&'static str],
    pub(super) deadline: Duration,
    pub(super) key: StoreKey,
}

impl Login {
    async fn log_in(&self, held: &Held) -> Result<TokenSet> {
        let (endpoint, prompt) = (self.endpoint.clone(), self.prompt.clone());
        let set = match &self.way {
            Way::Browser(redirect) => {
                let login = AuthorizationCode::new(endpoint, prompt, redirect.clone())
                    .with_scopes(&self.scopes)
                    .with_deadline(self.deadline)
                    .with_form_post()
                    .with_scopes_at_redemption();
                let parameters = self.parameters(held).into_iter();
                let login = parameters.fold(login, |login, (name, value)| {
                    login.with_parameter(name, value)
                });
                login.exchange(held).await?
            }
            Way::Device => {
                let login = DeviceCode::new(endpoint, prompt).with_scopes(&self.scopes);
                let pages = self.code_pages.iter();
                let login = pages.fold(login, |login, page| login.with_page_on(*page));
                login.exchange(held).await?
            }
        };
        self.named(set)
    }

    /// Whoever logs in again need not say once more who they are.
    fn parameters(&self, held: &Held) -> Vec<(String, String)> {
        let mut parameters = self.parameters.clone();
        let chosen = |(name, value): &(String, String)| {
            name == "login_hint" || (name == "prompt" && value == "select_account")
        };
        let named = self.key.user().filter(|user| user.contains('@'));
        let who = named.or_else(|| held.account());
        if let Some(who) = who.filter(|_| !parameters.iter().any(chosen)) {
            parameters.push(("login_hint".to_owned(), who.to_owned()));
        }
        parameters
    }

    /// Notes who logged in: by the name that people know, and by the ids that stay.
    fn named(&self, set: TokenSet) -> Result<TokenSet> {
        let claims = set.id().and_then(|id| Claims::of(id.expose_secret()));
        let Some(claims) = claims else { return Ok(set) };
        let identity = claims.identity();
        let name = claims.name().or(identity.as_deref()).map(str::to_owned);
        let set = match &name {
            Some(name) => set.with_account(name),
            None => set,
        };
        let account = set.account().unwrap_or_default();
        if let Some(user) = self.key.user()
            && !self.is_user(user, account)
            && identity.as_deref() != Some(user)
        {
            let who = Untrusted::new(account).with_limit(100).to_string();
            let user = Untrusted::new(user).with_limit(100);
            return Err(
                Error::interaction(format!("{who} logged in, and not {user}"))
                    .with_advice("log in again with the other account, or configure this user"),
            );
        }
        Ok(match identity {
            Some(identity) => set.with_identity(identity),
            None => set,
        })
    }
}

impl Grant for Login {
    fn key(&self) -> StoreKey {
        self.key.clone()
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.log_in(held))
    }
}

/// Who an ID token is about. It was checked as far as it goes when it came.
#[derive(Deserialize)]
struct Claims {
    oid: Option<String>,
    tid: Option<String>,
    preferred_username: Option<String>,
    upn: Option<String>,
    email: Option<String>,
}

impl Claims {
    fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
    }

    /// The person in their own tenant, and the tenant.
    fn identity(&self) -> Option<String> {
        let (oid, tid) = (self.oid.as_deref()?, self.tid.as_deref()?);
        Some(format!("{oid}.{tid}"))
    }

    /// The name that they sign in with.
    fn name(&self) -> Option<&str> {
        let names = [&self.preferred_username, &self.upn, &self.email];
        let mut names = names.into_iter().flatten().map(String::as_str);
        names.find(|name| !name.is_empty())
    }
}
