//! [`AuthorizationCode`]: a person logs in with the browser of this machine.

use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::wish::Wish;
use crate::endpoint::{AuthorizationRequest, TokenEndpoint};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::io::clock::bound;
use crate::person::RedirectUri;
use crate::person::{Loopback, Outcome};
use crate::prompt::Prompt;
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
    names_scopes_again: bool,
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
            names_scopes_again: false,
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
    /// a vendor's own. For whom the token is to be, `audience` and `resource` as often as there are several, belongs to the
    /// session; `resource` is a parameter of the [endpoint](TokenEndpoint::with_parameter), too.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.wish.parameters.add(name, value);
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

    /// Names the scopes again where the code is redeemed:
    /// [`AuthorizationRequest::with_scopes_at_redemption`].
    #[must_use]
    pub fn with_scopes_at_redemption(self) -> Self {
        Self {
            names_scopes_again: true,
            ..self
        }
    }

    /// Sets how long the person has. The default is five minutes; after it the login is an `Interaction` error.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        let deadline = bound::length(deadline);
        Self { deadline, ..self }
    }

    /// Keeps the login under another key. Without this the scopes, and for whom the token is, are the session's.
    #[must_use]
    pub fn with_key(mut self, key: StoreKey) -> Self {
        self.wish.key = Some(key);
        self
    }

    async fn log_in(&self, held: &Held) -> Result<TokenSet> {
        held.ensure_may_ask()?;
        let loopback = Loopback::bind(&self.redirect).await?;
        let mut parameters = self.wish.parameters.pairs().to_vec();
        if self.form_post {
            parameters.push(("response_mode".to_owned(), "form_post".to_owned()));
        }
        let request = AuthorizationRequest::new(
            &self.endpoint,
            held,
            &loopback.redirect_uri(),
            &self.wish.scopes,
            &parameters,
        )
        .await?;
        let request = match self.names_scopes_again {
            true => request.with_scopes_at_redemption(&self.wish.scopes),
            false => request,
        };
        let outcome = self.wait(held, &loopback, &request).await;
        drop(loopback);
        request.redeem(held, outcome?).await
    }

    /// Shows the page and waits for the first answer, which may also be pasted once the page was shown.
    async fn wait(
        &self,
        held: &Held,
        loopback: &Loopback,
        request: &AuthorizationRequest,
    ) -> Outcome {
        let clock = &**self.endpoint.io().clock();
        let shown = async {
            self.prompt.open(request.url()).await?;
            self.pasted(request).await
        };
        let judge = |sent: &[u8]| request.answer(sent);
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

    async fn pasted(&self, request: &AuthorizationRequest) -> Result<SecretString> {
        for _ in 0..PASTES {
            let text = self.prompt.paste_redirect().await?;
            if let Some(outcome) = request.pasted(&text) {
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
