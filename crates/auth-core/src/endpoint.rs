//! [`TokenEndpoint`]: the one POST that every grant ends in.

mod answer;
mod client;
mod form;

use std::fmt;
use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request};
use url::Url;

pub use client::{ClientAssertion, ClientAuth};
pub use form::Form;

use crate::http::{fetch, shown};
use crate::{
    Body, Error, ErrorKind, Held, Io, Provider, RefreshToken, Result, SessionKey, TokenSet,
};

/// A token endpoint (RFC 6749 §3.2) and the client that talks to it.
///
/// A request that can be repeated without harm is tried up to three times within one deadline, with
/// growing, jittered pauses and obeying `Retry-After`. One that spends something ([`Form::once`]) is
/// repeated only when it certainly did not arrive, or was turned away with 429. Redirects are never followed,
/// answers are read up to [`ANSWER_LIMIT`](crate::ANSWER_LIMIT). Cheap to clone, safe for concurrent use.
#[derive(Clone)]
pub struct TokenEndpoint {
    place: Place,
    client: ClientAuth,
    deadline: Duration,
    io: Io,
}

#[derive(Clone)]
enum Place {
    Discovered(Provider),
    Known(Url),
}

impl TokenEndpoint {
    /// The endpoint at `url`. Does no I/O.
    pub fn new(url: Url, client: ClientAuth, io: Io) -> Self {
        Self {
            place: Place::Known(url),
            client,
            deadline: Duration::from_secs(30),
            io,
        }
    }

    /// The endpoint that `provider` names in its metadata, which is asked for at the first request.
    pub fn discovered(provider: Provider, client: ClientAuth) -> Self {
        let io = provider.io().clone();
        let deadline = Duration::from_secs(30);
        Self {
            place: Place::Discovered(provider),
            client,
            deadline,
            io,
        }
    }

    /// Sets how long one request may take, all its tries together. The default is 30 s.
    #[must_use]
    pub fn with_deadline(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// The key of the session that this client has here under the label `account`.
    pub fn session(&self, account: impl Into<String>) -> SessionKey {
        let issuer = match &self.place {
            Place::Discovered(provider) => provider.issuer(),
            Place::Known(url) => url.as_str(),
        };
        SessionKey::new(issuer, self.client.id(), account)
    }

    /// The network and the clock that requests use.
    pub fn io(&self) -> &Io {
        &self.io
    }

    /// Sends `form` and reads the tokens. `held` tells which lock the request runs under.
    ///
    /// # Errors
    /// `Refused` with the OAuth code, `Unavailable`, `Protocol`, or `Config` where nothing could be sent.
    pub async fn request(&self, held: &Held, form: Form) -> Result<TokenSet> {
        let clock = self.io.clock();
        held.ensure_lock_outlives(self.deadline, &**clock)?;
        let end = clock.now().monotonic + self.deadline;
        let url = match &self.place {
            Place::Discovered(provider) => provider.metadata().await?.token_endpoint.clone(),
            Place::Known(url) => url.clone(),
        };
        let mut pauses = pauses();
        loop {
            let error = match self.attempt(&url, &form, end).await {
                Err(error) if may_repeat(&error, form.is_once()) => error,
                outcome => return outcome,
            };
            let Some(pause) = pauses.next() else {
                return Err(error);
            };
            let pause = pause.max(error.retry_after().unwrap_or_default());
            if clock.now().monotonic + pause >= end {
                return Err(error);
            }
            tracing::debug!(%error, ?pause, "the token endpoint is tried again");
            clock.sleep(pause).await;
        }
    }

    /// Redeems a refresh token (RFC 6749 §6). If the answer has no new one, the old one stays in the set.
    /// `scopes` are sent if there are any.
    ///
    /// # Errors
    /// As [`request`](Self::request); `Refused` with `invalid_grant` where the token is dead.
    pub async fn refresh(
        &self,
        held: &Held,
        refresh: &RefreshToken,
        scopes: &[String],
    ) -> Result<TokenSet> {
        let form = Form::new("refresh_token")
            .with_secret("refresh_token", refresh.expose_secret().into())
            .with_scopes(scopes)
            .once();
        let set = self.request(held, form).await?;
        Ok(if set.refresh().is_some() {
            set
        } else {
            set.with_refresh(refresh.clone())
        })
    }

    async fn attempt(&self, url: &Url, form: &Form, end: Duration) -> Result<TokenSet> {
        let clock = self.io.clock();
        let asked = form.get("scope").unwrap_or_default().to_owned();
        let (form, header) = self.client.prove(form.clone(), url.as_str()).await?;
        let request = post(url, &form, header)?;
        let now = clock.now();
        let rest = end.saturating_sub(now.monotonic);
        if rest.is_zero() {
            return Err(
                Error::unavailable(format!("no time is left to ask {}", shown(url)))
                    .with_nothing_sent(),
            );
        }
        let grant = form.get("grant_type").unwrap_or_default();
        tracing::debug!(url = %shown(url), grant, "token request");
        let answer = fetch(&self.io, request, rest).await?;
        let set = answer::read(url, &answer, now.wall, clock.now().wall)?;
        tracing::debug!(token = %set.access().fingerprint(), "token answer");
        warn_of_fewer_scopes(&asked, set.access().scope());
        Ok(set)
    }
}

impl fmt::Debug for TokenEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = match &self.place {
            Place::Discovered(provider) => provider.issuer().to_owned(),
            Place::Known(url) => shown(url),
        };
        f.debug_struct("TokenEndpoint")
            .field("place", &place)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

fn post(url: &Url, form: &Form, proof: Option<HeaderValue>) -> Result<Request<Body>> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(url.as_str())
        .header(ACCEPT, "application/json")
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
    let request = match proof {
        Some(proof) => request.header(AUTHORIZATION, proof),
        None => request,
    };
    request.body(form.encode().into()).map_err(|_| {
        Error::config(format!(
            "{} can't be asked: it is no usable URL",
            shown(url)
        ))
        .with_nothing_sent()
    })
}

/// Two pauses, of 250 ms and 500 ms and up to as much again.
fn pauses() -> ExponentialBackoff {
    ExponentialBuilder::new()
        .with_min_delay(Duration::from_millis(250))
        .with_max_times(2)
        .with_jitter()
        .build()
}

fn may_repeat(error: &Error, once: bool) -> bool {
    let turned_away = error.status() == Some(429);
    error.kind() == ErrorKind::Unavailable && (!once || !error.may_have_arrived() || turned_away)
}

fn warn_of_fewer_scopes(asked: &str, granted: Option<&str>) {
    let Some(granted) = granted else { return };
    let missing: Vec<&str> = asked
        .split_whitespace()
        .filter(|scope| granted.split_whitespace().all(|got| got != *scope))
        .collect();
    if !missing.is_empty() {
        tracing::warn!(
            missing = missing.join(" "),
            "the server granted fewer scopes"
        );
    }
}
