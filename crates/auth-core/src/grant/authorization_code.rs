//! [`AuthorizationCode`]: a person logs in with the browser of this machine.

mod redirect;

use std::sync::Arc;
use std::time::Duration;

use oauth2::basic::BasicClient;
use oauth2::{
    AuthUrl, ClientId, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
};
use secrecy::SecretString;
use url::Url;

use self::redirect::Expected;
use super::wish::Wish;
use crate::endpoint::{Form, TokenEndpoint};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::bound;
use crate::person::RedirectUri;
use crate::person::page;
use crate::person::{Loopback, Outcome};
use crate::prompt::Prompt;
use crate::random;
use crate::session::{Held, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;

/// The authorization code grant (RFC 6749 §4.1) for a program on the person's machine (RFC 8252): the
/// browser logs in and comes back to a port of loopback, where this waits for it. Its endpoint must be
/// one of a [`Provider`](crate::Provider), which knows the login page.
///
/// Every login has its own state, PKCE verifier (S256, RFC 7636) and, where `openid` is asked for,
/// nonce. It ends after five minutes, or when nobody waits for the token any more.
#[derive(Clone, Debug)]
pub struct AuthorizationCode {
    endpoint: TokenEndpoint,
    prompt: Arc<dyn Prompt>,
    redirect: RedirectUri,
    wish: Wish,
    form_post: bool,
    deadline: Duration,
}

impl AuthorizationCode {
    /// Logs in at `endpoint`'s server, shows the login page through `prompt`, and waits at `redirect`.
    pub fn new(endpoint: TokenEndpoint, prompt: Arc<dyn Prompt>, redirect: RedirectUri) -> Self {
        Self {
            endpoint,
            prompt,
            redirect,
            wish: Wish::default(),
            form_post: false,
            deadline: Duration::from_secs(300),
        }
    }

    /// Asks for these scopes.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.wish.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a parameter that is no secret to the address of the login page: `prompt`, `login_hint`,
    /// `audience`, a vendor's own.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.wish.parameters.push((name.into(), value.into()));
        self
    }

    /// Has the answer posted (OAuth 2.0 Form Post Response Mode), so that the code is in no address.
    #[must_use]
    pub fn with_form_post(self) -> Self {
        Self {
            form_post: true,
            ..self
        }
    }

    /// Sets how long the person has. The default is five minutes.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        let deadline = bound::length(deadline);
        Self { deadline, ..self }
    }

    /// Keeps the login under another key. Without this the scopes are the session's.
    #[must_use]
    pub fn with_key(mut self, key: StoreKey) -> Self {
        self.wish.key = Some(key);
        self
    }

    async fn log_in(&self, held: &Held) -> Result<TokenSet> {
        held.ensure_may_ask()?;
        // A secret that can't be had shows before a person is sent to a browser.
        let endpoint = self.endpoint.revealed(held).await?;
        let place = self.endpoint.login_page().await?;
        let loopback = Loopback::bind(&self.redirect).await?;
        let (state, verifier) = (random::text()?, random::text()?);
        let nonce = match self.wish.asks_who() {
            true => Some(random::text()?),
            false => None,
        };
        let redirect_uri = loopback.redirect_uri();
        let page = self.address(held, &place.url, &redirect_uri, [&state, &verifier], &nonce)?;
        let expected = Expected {
            state: state.into(),
            issuer: self.endpoint.issuer().map(str::to_owned),
            names_issuer: place.names_issuer,
        };
        let outcome = self.wait(held, &loopback, &page, &expected).await;
        drop(loopback);
        let form = Form::new("authorization_code")
            .with_secret("code", outcome?)
            .with("redirect_uri", redirect_uri)
            .with_secret("code_verifier", verifier.into())
            .once();
        let set = endpoint.request(held, form).await?;
        if nonce.is_some() && set.id().is_none() {
            return Err(Error::protocol(
                "the server does not say who logged in: there is no ID token",
            )
            .with_advice("check that the client may ask for the scope openid"));
        }
        Wish::identified(set, &self.endpoint, nonce.as_deref())
    }

    /// The address of the login page, with all that this login asks for.
    fn address(
        &self,
        held: &Held,
        login_page: &Url,
        redirect_uri: &str,
        [state, verifier]: [&String; 2],
        nonce: &Option<String>,
    ) -> Result<Url> {
        let bad = |_| Error::config("the redirect URI is no URL");
        let redirect_uri = RedirectUrl::new(redirect_uri.to_owned()).map_err(bad)?;
        let verifier = PkceCodeVerifier::new(verifier.clone());
        let client = BasicClient::new(ClientId::new(self.endpoint.client_id().to_owned()))
            .set_auth_uri(AuthUrl::from_url(login_page.clone()))
            .set_redirect_uri(redirect_uri);
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.clone()))
            .add_scopes(self.wish.scopes.iter().cloned().map(Scope::new))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        if let Some(nonce) = nonce {
            request = request.add_extra_param("nonce", nonce);
        }
        if self.form_post {
            request = request.add_extra_param("response_mode", "form_post");
        }
        for (name, value) in self.wish.parameters(held) {
            request = request.add_extra_param(name, value);
        }
        let (address, _) = request.url();
        page(address.as_str(), login_page)
    }

    /// Shows the page and waits for the first answer, which may also be pasted once the page was shown.
    async fn wait(
        &self,
        held: &Held,
        loopback: &Loopback,
        address: &Url,
        expected: &Expected,
    ) -> Outcome {
        let clock = &**self.endpoint.io().clock();
        let shown = async {
            self.prompt.open(address).await?;
            self.pasted(expected).await
        };
        let judge = |sent: &[u8]| expected.judge(sent);
        let answer = async {
            tokio::select! {
                biased;
                outcome = loopback.outcome(clock, self.form_post, &judge) => outcome,
                outcome = shown => outcome,
                () = clock.sleep(self.deadline) => Err(Error::interaction(format!(
                    "nobody finished the login within {} s",
                    self.deadline.as_secs()
                ))
                .with_advice("log in again; where no browser is at hand, use a device code")),
            }
        };
        held.asking(clock, self.deadline, answer).await
    }

    async fn pasted(&self, expected: &Expected) -> Result<SecretString> {
        for _ in 0..PASTES {
            let text = self.prompt.paste_redirect().await?;
            if let Some(outcome) = expected.judge_pasted(&text) {
                return outcome;
            }
            tracing::warn!("what was pasted is not the address that this login ends at");
        }
        Err(
            Error::interaction("what was pasted is not the address that this login ends at")
                .with_advice("log in again, and paste the whole address of the last page"),
        )
    }
}

impl Grant for AuthorizationCode {
    fn key(&self) -> StoreKey {
        self.wish.key(&self.endpoint)
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.log_in(held))
    }
}

/// How often a person may paste something else.
const PASTES: usize = 3;
