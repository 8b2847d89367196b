//! [`Person`]: somebody's login at a tenant.

mod login;

use std::sync::Arc;
use std::time::Duration;

use auth_core::endpoint::LoggedOut;
use auth_core::grant::Identifying;
use auth_core::store::{MemoryStore, SessionKey, StoreKey, TokenStore};
use auth_core::{
    CachedSource, ClientAuth, Error, Prompt, RedirectUri, Refreshing, Result, TokenEndpoint,
};

use self::login::{Login, Way};
use crate::tenant::Tenant;

/// One person's login at a tenant: they log in once, and get tokens for one API after the other.
///
/// They log in with a device code (RFC 8628), so the browser may be on any machine, unless
/// [`with_browser`](Self::with_browser) says that it is on this one. The login belongs to the store: a
/// [`MemoryStore`] of its own, unless [`with_store`](Self::with_store) names one that outlives the
/// program. It is shown by the name that they sign in with; its identity is `<object id>.<tenant id>`, which stays when
/// they get another name. Making it does no I/O.
///
/// What one API wants beyond the login (consent, another factor, a claims challenge) is asked of the person when a token
/// for it is wanted, and leaves the other APIs alone. A claims challenge goes with a refresh first.
#[derive(Clone, Debug)]
pub struct Person {
    tenant: Tenant,
    client: ClientAuth,
    prompt: Arc<dyn Prompt>,
    way: Way,
    label: String,
    user: Option<String>,
    parameters: Vec<(String, String)>,
    is_evaluated: bool,
    deadline: Duration,
    store: Arc<dyn TokenStore>,
}

impl Tenant {
    /// Somebody who logs in to the application with this client id, which can't keep a secret. Their login begins when a
    /// token is wanted.
    pub fn person(&self, client_id: impl Into<String>, prompt: Arc<dyn Prompt>) -> Person {
        Person {
            tenant: self.clone(),
            client: ClientAuth::public(client_id),
            prompt,
            way: Way::Device,
            label: "default".to_owned(),
            user: None,
            parameters: Vec::new(),
            is_evaluated: false,
            deadline: Duration::from_secs(300),
            store: Arc::new(MemoryStore::new()),
        }
    }
}

impl Person {
    /// Logs in to an application that proves itself, too (a confidential client). Without this it is a public one.
    #[must_use]
    pub fn with_client(self, client: ClientAuth) -> Self {
        Self { client, ..self }
    }

    /// Logs in with the browser of this machine (RFC 8252), which comes back to `redirect`: `http://localhost` is
    /// registered for any port.
    #[must_use]
    pub fn with_browser(self, redirect: RedirectUri) -> Self {
        let way = Way::Browser(redirect);
        Self { way, ..self }
    }

    /// How long the person has in the browser of this machine. The default is five minutes; a device code says itself
    /// how long it works.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// Keeps the login under another label than `default`, for somebody with several accounts.
    #[must_use]
    pub fn with_account(self, label: impl Into<String>) -> Self {
        let label = label.into();
        Self { label, ..self }
    }

    /// Says who must log in, by the name that they sign in with (`ada@contoso.com`; case does not matter) or by
    /// their identity. The login page has the name filled in; somebody else's login counts as none.
    #[must_use]
    pub fn with_user(self, user: impl Into<String>) -> Self {
        let user = Some(user.into());
        Self { user, ..self }
    }

    /// Keeps the login in `store`, where other programs find it.
    #[must_use]
    pub fn with_store(self, store: Arc<dyn TokenStore>) -> Self {
        Self { store, ..self }
    }

    /// Fills in the login page for this account. Without it that is the one that logged in before.
    #[must_use]
    pub fn with_login_hint(self, hint: impl Into<String>) -> Self {
        self.with_parameter("login_hint", hint)
    }

    /// Leads the login page straight to the organisation with this domain.
    #[must_use]
    pub fn with_domain_hint(self, hint: impl Into<String>) -> Self {
        self.with_parameter("domain_hint", hint)
    }

    /// What the login page asks in any case: `login`, `select_account`, `consent`, or `none` for nothing. Without this it
    /// asks what it needs.
    #[must_use]
    pub fn with_prompt(self, prompt: impl Into<String>) -> Self {
        self.with_parameter("prompt", prompt)
    }

    /// Adds a parameter that is no secret to the address of the login page.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.parameters.retain(|(known, _)| *known != name);
        self.parameters.push((name, value));
        self
    }

    /// Says that the program can answer a claims challenge, so that its tokens may live long and end early (continuous
    /// access evaluation).
    #[must_use]
    pub fn with_continuous_access_evaluation(self) -> Self {
        let is_evaluated = true;
        Self {
            is_evaluated,
            ..self
        }
    }

    /// The token endpoint, as this login uses it.
    pub fn endpoint(&self) -> TokenEndpoint {
        self.tenant
            .evaluated_endpoint(self.client.clone(), self.is_evaluated)
    }

    /// The name under which the login is kept, for whatever API.
    pub fn session(&self) -> SessionKey {
        self.endpoint().session(&self.label)
    }

    /// A source of the person's access tokens for one API, by its scopes: `https://graph.microsoft.com/User.Read`,
    /// `api://<application>/.default`. Asks the person when there is no login, or none that is enough for this API.
    pub fn source(&self, scopes: impl IntoIterator<Item = impl Into<String>>) -> CachedSource {
        self.cached(self.grant(scopes))
    }

    /// A source of ID tokens, for an API that takes them as the credential.
    pub fn id_source(&self) -> CachedSource {
        self.cached(Identifying::new(self.grant(NONE)))
    }

    /// Ends the login: the store forgets it, and sources made before ask anew. Entra ID itself has no way for a program to
    /// end a single login, which the outcome tells.
    ///
    /// # Errors
    /// `Store`, `Unavailable`.
    pub async fn log_out(&self) -> Result<LoggedOut> {
        let endpoint = self.endpoint();
        let ended = endpoint.log_out(&*self.store, &self.session(), &[]).await?;
        Ok(match ended {
            LoggedOut::NotRevoked(error) if self.tenant.is_entra() => {
                let error = Error::config(
                    "Entra ID ends no login for a program, so this one is only forgotten here",
                )
                .with_advice(
                    "where it must end everywhere, revoke the user's sessions in the directory",
                )
                .with_source(error);
                LoggedOut::NotRevoked(error)
            }
            ended => ended,
        })
    }

    /// The grant of [`source`](Self::source).
    pub fn grant(&self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Refreshing {
        let endpoint = self.endpoint();
        let own: Vec<String> = scopes.into_iter().map(Into::into).collect();
        let key = StoreKey::new(self.session())
            .with_scopes(&own)
            .with("claims", endpoint.standing_claims().unwrap_or_default());
        let key = match &self.user {
            Some(user) => key.with_user(user),
            None => key,
        };
        let mut scopes = own;
        let more = OPENID
            .into_iter()
            .filter(|more| !scopes.iter().any(|own| own == more));
        let more: Vec<_> = more.map(str::to_owned).collect();
        scopes.extend(more);
        let login = Login {
            endpoint: endpoint.clone(),
            prompt: self.prompt.clone(),
            way: self.way.clone(),
            scopes: scopes.clone(),
            parameters: self.parameters.clone(),
            code_pages: self.tenant.code_pages(),
            deadline: self.deadline,
            key,
        };
        Refreshing::new(endpoint, login).with_scopes(scopes)
    }

    fn cached(&self, grant: impl auth_core::Grant + 'static) -> CachedSource {
        CachedSource::new(grant, self.tenant.io().clone()).with_store(self.store.clone())
    }
}

/// What every login asks for besides an API: who logged in, and that it lasts.
const OPENID: [&str; 3] = ["openid", "profile", "offline_access"];

/// The scopes of no API.
const NONE: [&str; 0] = [];
