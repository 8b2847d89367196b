//! [`Person`]: somebody's login at a realm.

use std::sync::Arc;

use auth_core::endpoint::LoggedOut;
use auth_core::store::{MemoryStore, SessionKey, StoreKey, TokenStore};
use auth_core::{
    AuthorizationCode, CachedSource, ClientAuth, DeviceCode, Prompt, RedirectUri, Refreshing,
    Result,
};

use crate::Realm;

/// One person's login at a realm: they log in once, and every source made from it shares that login.
///
/// They log in with a device code (RFC 8628), so the browser may be on any machine, unless
/// [`with_browser`](Self::with_browser) says that it is on this one. The login belongs to the store: a
/// [`MemoryStore`] of its own, unless [`with_store`](Self::with_store) names one that outlives the
/// program. Making it does no I/O.
#[derive(Clone, Debug)]
pub struct Person {
    realm: Realm,
    client: ClientAuth,
    prompt: Arc<dyn Prompt>,
    redirect: Option<RedirectUri>,
    account: String,
    store: Arc<dyn TokenStore>,
}

impl Realm {
    /// A person's login through the public client `client`, which begins when a token is wanted.
    pub fn person(&self, client: ClientAuth, prompt: Arc<dyn Prompt>) -> Person {
        Person {
            realm: self.clone(),
            client,
            prompt,
            redirect: None,
            account: "default".to_owned(),
            store: Arc::new(MemoryStore::new()),
        }
    }
}

impl Person {
    /// Logs in with the browser of this machine (RFC 8252), which comes back to `redirect`.
    #[must_use]
    pub fn with_browser(self, redirect: RedirectUri) -> Self {
        Self {
            redirect: Some(redirect),
            ..self
        }
    }

    /// Keeps the login under another label than `default`, for somebody with several accounts.
    #[must_use]
    pub fn with_account(self, account: impl Into<String>) -> Self {
        let account = account.into();
        Self { account, ..self }
    }

    /// Keeps the login in `store`, where other programs find it.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn TokenStore>) -> Self {
        Self { store, ..self }
    }

    /// The name under which the login is kept. At Keycloak a login keeps its scopes for life, so other
    /// scopes are another login.
    pub fn session(&self) -> SessionKey {
        let endpoint = self.realm.endpoint(self.client.clone());
        endpoint
            .session(&self.account)
            .with_scopes(self.realm.scopes())
    }

    /// A source of the person's access tokens. Asks the person when there is no login, or none that
    /// the server still knows.
    pub fn source(&self) -> CachedSource {
        let io = self.realm.provider().io().clone();
        CachedSource::new(self.grant(), io).with_store(self.store.clone())
    }

    /// Ends the login: the realm revokes it, which ends the person's session there, and the store forgets
    /// it. Sources made before ask anew.
    ///
    /// # Errors
    /// `Store`, `Unavailable`. A login that the realm did not revoke is told in the outcome.
    pub async fn log_out(&self) -> Result<LoggedOut> {
        let endpoint = self.realm.endpoint(self.client.clone());
        endpoint.log_out(&*self.store, &self.session(), &[]).await
    }

    /// The grant of [`source`](Self::source).
    pub fn grant(&self) -> Refreshing {
        let endpoint = self.realm.endpoint(self.client.clone());
        let (prompt, scopes) = (self.prompt.clone(), self.realm.scopes());
        let key = StoreKey::new(self.session());
        match &self.redirect {
            Some(redirect) => {
                let login = AuthorizationCode::new(endpoint.clone(), prompt, redirect.clone());
                Refreshing::new(endpoint, login.with_scopes(scopes).with_key(key))
            }
            None => {
                let login = DeviceCode::new(endpoint.clone(), prompt);
                Refreshing::new(endpoint, login.with_scopes(scopes).with_key(key))
            }
        }
    }
}
