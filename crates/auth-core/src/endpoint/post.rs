//! The POST that every request of a client is: its proof, its tries, its deadline.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderValue, Method, Request, Response};
use url::Url;

use super::accept::NOTHING_THERE;
use super::echo::{Echo, serves};
use super::{ClientAuth, Form, Place, TokenEndpoint};
use crate::error::{Error, ErrorKind, Result};
use crate::io::http::{Body, Manner};
use crate::io::{pauses, shown};
use crate::session::Held;

/// How often a request may be sent.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Tries {
    /// Once: whoever asks comes again by itself.
    One,
    /// Three times, as far as the form allows.
    Three,
}

impl TokenEndpoint {
    /// Posts `form` to `url` and lets `read` make sense of the answer, given the place, the answer, when
    /// it was asked for and when it came.
    pub(super) async fn post<T>(
        &self,
        held: &Held,
        url: &Url,
        form: Form,
        tries: Tries,
        read: impl Fn(&Url, &Response<Bytes>, SystemTime, SystemTime) -> Result<T>,
    ) -> Result<T> {
        let clock = self.io.clock();
        let client = self.revealed(held).await?.client;
        let audience = self.url().await?;
        let metadata = self.metadata().await?;
        let said = metadata.as_deref();
        let listed = said.and_then(|said| said.token_endpoint_auth_methods_supported.as_deref());
        let algorithms = said.and_then(|said| {
            said.token_endpoint_auth_signing_alg_values_supported
                .as_deref()
        });
        let client = client.settled(listed, algorithms);
        let end = clock.now().monotonic + self.deadline;
        let mut pauses = pauses();
        let tries = if self.is_tried_once {
            Tries::One
        } else {
            tries
        };
        loop {
            held.ensure_lock_outlives(end.saturating_sub(clock.now().monotonic), &**clock)?;
            if let Some(refresh) = form.spends() {
                held.sends(refresh).await;
            }
            let attempt = self.attempt(&client, url, &audience, &form, end, &read);
            let error = match attempt.await {
                Err(error) if error.is_refusal("invalid_client") => {
                    self.client.refused();
                    let advice = client.advice(error.advice(), listed);
                    return Err(error.with_advice(advice));
                }
                Err(error) if is_nowhere(&error) => return Err(self.astray(error)),
                Err(error) if tries == Tries::Three && may_repeat(&error, form.is_once()) => error,
                outcome => return outcome,
            };
            let Some(pause) = pauses.next() else {
                return Err(error);
            };
            let pause = pause.max(error.retry_after().unwrap_or_default());
            if clock.now().monotonic + pause >= end {
                return Err(error);
            }
            tracing::debug!(%error, ?pause, "the server is asked again");
            clock.sleep(pause).await;
        }
    }

    /// What is said of an address at which there is nothing: where no server has named it, it is configured wrong.
    fn astray(&self, error: Error) -> Error {
        let is_told = match &self.place {
            Place::Discovered(provider) => !provider.is_fixed(),
            Place::Known(_) => false,
        };
        if is_told {
            return error;
        }
        let wrong = Error::config(error.message());
        let wrong = match error.status() {
            Some(status) => wrong.with_status(status),
            None => wrong,
        };
        let wrong = match error.code() {
            Some(code) => wrong.with_code(code),
            None => wrong,
        };
        let wrong = match error.advice() {
            Some(advice) => wrong.with_advice(advice.to_owned()),
            None => wrong,
        };
        match &self.said_at {
            Some(place) => wrong.context(place),
            None => wrong,
        }
    }

    async fn attempt<T>(
        &self,
        client: &ClientAuth,
        url: &Url,
        audience: &Url,
        form: &Form,
        end: Duration,
        read: impl Fn(&Url, &Response<Bytes>, SystemTime, SystemTime) -> Result<T>,
    ) -> Result<T> {
        let clock = self.io.clock();
        let rest = end.saturating_sub(clock.now().monotonic);
        let (form, header) = tokio::select! {
            biased;
            // Whatever a signer far away has to say: nothing of this request has left.
            proven = client.prove(form.clone(), audience.as_str()) => {
                proven.map_err(Error::with_nothing_sent)?
            }
            () = clock.sleep(rest) => {
                let late = "the client's assertion was not signed before the request's deadline";
                return Err(Error::unavailable(late)
                    .with_advice("check what signs it and try again later")
                    .with_nothing_sent());
            }
        };
        let mut request = request(url, &form, header)?;
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
        if form.is_once() {
            request.extensions_mut().insert(Manner::Once);
        }
        let proof = request.headers().get(AUTHORIZATION).cloned();
        let answer = self.io.fetch(request, rest).await?;
        let came = clock.now().wall;
        let struck = || {
            let secrets = form.secrets().chain(client.revealed_secret());
            Echo::of(secrets, proof.as_ref()).struck(&answer)
        };
        if !serves(&answer) {
            return read(url, &struck(), now.wall, came);
        }
        read(url, &answer, now.wall, came).map_err(|error| {
            // What is wrong with an answer is told without them, too.
            match read(url, &struck(), now.wall, came) {
                Err(told) => told,
                Ok(_) => error,
            }
        })
    }
}

fn request(url: &Url, form: &Form, proof: Option<HeaderValue>) -> Result<Request<Body>> {
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

/// Whether there is nothing to ask at the address.
fn is_nowhere(error: &Error) -> bool {
    let status = error.status();
    NOTHING_THERE
        .iter()
        .any(|nothing| status == Some(nothing.as_u16()))
}

fn may_repeat(error: &Error, once: bool) -> bool {
    let turned_away = error.status() == Some(429);
    error.kind() == ErrorKind::Unavailable && (!once || !error.may_have_arrived() || turned_away)
}
