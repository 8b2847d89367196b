//! [`DeviceCode`]: a person logs in on another device.

use std::sync::Arc;
use std::time::Duration;

use oauth2::{PkceCodeChallenge, PkceCodeVerifier};

use super::wish::Wish;
use crate::endpoint::DeviceAuthorization;
use crate::endpoint::{Form, TokenEndpoint};
use crate::error::{Error, ErrorKind, Recall, Result};
use crate::future::BoxFuture;
use crate::io::clock::Now;
use crate::prompt::{Prompt, UserCode};
use crate::random;
use crate::session::{Held, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;

/// The device authorization grant (RFC 8628): shows a code, then asks until the person has entered it
/// somewhere else. Its endpoint must be one of a [`Provider`](crate::Provider), which knows where codes are asked for.
///
/// Waits until the code expires, or until nobody waits for the token any more. A network that fails
/// meanwhile only makes the pauses longer.
#[derive(Clone, Debug)]
pub struct DeviceCode {
    endpoint: TokenEndpoint,
    prompt: Arc<dyn Prompt>,
    wish: Wish,
    pkce: bool,
    page_hosts: Vec<String>,
}

impl DeviceCode {
    /// Asks at `endpoint`, and shows the code through `prompt`.
    pub fn new(endpoint: TokenEndpoint, prompt: Arc<dyn Prompt>) -> Self {
        Self {
            endpoint,
            prompt,
            wish: Wish::default(),
            pkce: false,
            page_hosts: Vec::new(),
        }
    }

    /// Asks for these scopes.
    #[must_use]
    pub fn with_scopes(mut self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.wish.scopes = scopes.into_iter().map(Into::into).collect();
        self
    }

    /// Adds a parameter that is no secret to the request for the codes. For whom the token is to be, `audience` and
    /// `resource` as often as there are several, belongs to the session.
    #[must_use]
    pub fn with_parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.wish.parameters.add(name, value);
        self
    }

    /// Binds the codes to this program by PKCE (RFC 7636). Not every server knows that here.
    #[must_use]
    pub fn with_pkce(self) -> Self {
        Self { pkce: true, ..self }
    }

    /// Says that the server has its page for codes on this host, if not on its own, so that nobody is warned of it:
    /// [`UserCode::other_server`].
    #[must_use]
    pub fn with_page_on(mut self, host: impl Into<String>) -> Self {
        self.page_hosts.push(host.into());
        self
    }

    /// Keeps the login under another key. Without this the scopes, and for whom the token is, are the session's.
    #[must_use]
    pub fn with_key(mut self, key: StoreKey) -> Self {
        self.wish.key = Some(key);
        self
    }

    async fn log_in(&self, held: &Held) -> Result<TokenSet> {
        held.ensure_may_ask()?;
        // Once for all the polls, and before a person is shown a code.
        let endpoint = self.endpoint.revealed(held).await?;
        let mut parameters =
            held.login_parameters(self.wish.parameters.pairs(), endpoint.claims(held));
        let mut verifier = None;
        if self.pkce {
            let secret = PkceCodeVerifier::new(random::text()?);
            let challenge = PkceCodeChallenge::from_code_verifier_sha256(&secret);
            for (name, value) in [
                ("code_challenge", challenge.as_str()),
                ("code_challenge_method", challenge.method().as_str()),
            ] {
                parameters.push((name.to_owned(), value.to_owned()));
            }
            verifier = Some(secret.into_secret().into());
        }
        let asked = self.endpoint.io().clock().now();
        let codes = endpoint
            .authorize_device(held, &self.wish.scopes, &parameters)
            .await?;
        let form = Form::new(DEVICE_CODE).with_secret("device_code", codes.device_code.clone());
        let form = match verifier {
            Some(verifier) => form.with_secret("code_verifier", verifier),
            None => form,
        };
        let user_code = self.known(codes.user_code.clone());
        let asking = async {
            self.prompt.show_user_code(&user_code).await?;
            self.wait(&endpoint, held, &codes, form, asked).await
        };
        let clock = &**self.endpoint.io().clock();
        let rest = codes
            .user_code
            .expires_at()
            .duration_since(clock.now().wall);
        let set = held.asking(clock, rest.unwrap_or_default(), asking).await;
        let set = set.map_err(|error| match error.code() {
            None if clock.now().wall >= codes.user_code.expires_at() => expired(),
            _ => error,
        })?;
        self.endpoint.identified(set, None)
    }

    /// The code, whose page is the server's own where it is on one of the hosts that were named.
    fn known(&self, code: UserCode) -> UserCode {
        let host = code.page().host_str();
        match self.page_hosts.iter().any(|own| host == Some(own)) {
            true => code.with_server(None),
            false => code,
        }
    }

    /// Polls (RFC 8628 §3.4, §3.5).
    async fn wait(
        &self,
        endpoint: &TokenEndpoint,
        held: &Held,
        codes: &DeviceAuthorization,
        form: Form,
        asked: Now,
    ) -> Result<TokenSet> {
        let clock = self.endpoint.io().clock();
        let end = asked.monotonic + codes.expires_in;
        let mut interval = codes.interval;
        let mut pause = interval;
        loop {
            let now = clock.now();
            // A laptop that slept has only its wall clock to tell.
            if now.monotonic >= end || now.wall >= codes.user_code.expires_at() {
                return Err(expired());
            }
            clock.sleep(pause).await;
            // A lock that ends is no blip.
            held.ensure_lock_outlives(self.endpoint.deadline(), &**clock)?;
            let error = match endpoint.poll(held, form.clone()).await {
                Err(error) => error,
                Ok(set) => return Ok(set),
            };
            let ends_now = clock.now().monotonic + interval >= end;
            pause = match error.code() {
                Some("authorization_pending") => interval,
                // RFC 8628 §3.5, and what Entra says instead.
                Some("access_denied" | "authorization_declined") => return Err(denied(error)),
                Some("expired_token") => return Err(expired()),
                // Some servers forget a code as soon as it has expired.
                Some("invalid_grant") if ends_now => return Err(expired()),
                code if code == Some("slow_down") || error.status() == Some(429) => {
                    interval += SLOW_DOWN;
                    interval.max(error.retry_after().unwrap_or_default())
                }
                _ if error.kind() == ErrorKind::Unavailable => {
                    let pause = (pause * 2).min(LONGEST_PAUSE.max(interval));
                    pause.max(error.retry_after().unwrap_or_default())
                }
                _ => return Err(error),
            };
            tracing::debug!(%error, ?pause, "the person is waited for");
        }
    }
}

impl Grant for DeviceCode {
    fn key(&self) -> StoreKey {
        self.wish.key(&self.endpoint)
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.log_in(held))
    }
}

fn expired() -> Error {
    Error::interaction("the code expired before anybody entered it")
        .with_code("expired_token")
        .with_advice("log in again, and enter the code in time")
}

fn denied(error: Error) -> Error {
    error
        .with_advice("log in again and allow it, if it was this program that asked")
        .with_recall(Recall::Never)
}

const DEVICE_CODE: &str = "urn:ietf:params:oauth:grant-type:device_code";
const SLOW_DOWN: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
