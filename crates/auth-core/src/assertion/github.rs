//! [`GitHubAssertion`]: who a workflow of GitHub is.

use std::time::Duration;

use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderValue, Request};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::Claims;
use crate::error::{Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::http::{Body, may_carry_secrets};
use crate::io::{Io, pauses};
use crate::session::{Held, Secret};

/// The assertion that GitHub makes for a job of a workflow with the permission `id-token: write`, fetched anew each time.
/// Forges that run such workflows under the same variables are asked in the same way.
#[derive(Clone, Debug)]
pub struct GitHubAssertion {
    url: Url,
    token: SecretString,
    io: Io,
}

impl GitHubAssertion {
    /// The assertion of the job whose environment has `ACTIONS_ID_TOKEN_REQUEST_URL` and
    /// `ACTIONS_ID_TOKEN_REQUEST_TOKEN`, for `audience`: what the server that is shown it wants to be called there.
    /// `variable` gives the value of one. Does no I/O.
    ///
    /// # Errors
    /// `Absent` outside of such a job, `Config` if only one is there or the address is none.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<SecretString>,
        audience: &str,
        io: Io,
    ) -> Result<Self> {
        let get = |name: &str| variable(name).filter(|value| !value.expose_secret().is_empty());
        let advice = "give the job the permission `id-token: write`";
        match (get(URL), get(TOKEN)) {
            (Some(url), Some(token)) => Self::new(url.expose_secret(), token, audience, io),
            (None, None) => Err(Error::absent(format!(
                "no job of a GitHub workflow that may ask who it is: {URL} is not set"
            ))
            .with_advice(advice)),
            (Some(_), None) => {
                Err(Error::config(format!("{URL} is set and {TOKEN} is not")).with_advice(advice))
            }
            (None, Some(_)) => {
                Err(Error::config(format!("{TOKEN} is set and {URL} is not")).with_advice(advice))
            }
        }
    }

    /// The assertion for `audience` that is fetched from `url` with `token`. Does no I/O.
    ///
    /// # Errors
    /// `Config` if the address is no https URL.
    pub fn new(url: &str, token: SecretString, audience: &str, io: Io) -> Result<Self> {
        let url = Url::parse(url).ok().filter(may_carry_secrets);
        let mut url = url.ok_or_else(|| {
            Error::config("the address for a job's assertion is no https URL")
                .with_advice(format!("give what GitHub puts into {URL}"))
        })?;
        url.query_pairs_mut().append_pair("audience", audience);
        Ok(Self { url, token, io })
    }

    /// A job that waited for its turn does not fail for a server that has hiccups: what is asked changes nothing there.
    async fn fetch(&self) -> Result<SecretString> {
        let clock = self.io.clock();
        let end = clock.now().monotonic + DEADLINE;
        for pause in pauses() {
            let rest = end.saturating_sub(clock.now().monotonic);
            match self.fetch_once(rest).await {
                Err(error) if error.kind() == ErrorKind::Unavailable && pause < rest => {
                    tracing::debug!(%error, ?pause, "GitHub is asked again");
                    clock.sleep(pause).await;
                }
                outcome => return outcome,
            }
        }
        let rest = end.saturating_sub(clock.now().monotonic);
        self.fetch_once(rest).await
    }

    async fn fetch_once(&self, deadline: Duration) -> Result<SecretString> {
        let bearer = format!("Bearer {}", self.token.expose_secret());
        let mut bearer = HeaderValue::try_from(bearer)
            .map_err(|_| Error::config(format!("what {TOKEN} holds can't stand in a header")))?;
        bearer.set_sensitive(true);
        let request = Request::get(self.url.as_str())
            .header(ACCEPT, "application/json")
            .header(AUTHORIZATION, bearer)
            .body(Body::empty())
            .map_err(|_| Error::config("GitHub can't be asked for the job's assertion"))?;
        let answer = self.io.fetch(request, deadline).await?;
        let status = answer.status();
        let failed = |error: fn(String) -> Error| {
            error(format!(
                "GitHub answered {status} instead of the job's assertion"
            ))
            .with_status(status.as_u16())
        };
        if status.is_server_error() || status.as_u16() == 429 {
            return Err(failed(Error::unavailable).with_advice("try again later"));
        }
        if !status.is_success() {
            return Err(failed(Error::refused).with_advice(
                "see that the job is still running and has the permission `id-token: write`",
            ));
        }
        let said = serde_json::from_slice::<Answer>(answer.body()).ok();
        let value = said.map(|said| said.value);
        let assertion = value.filter(|value| Claims::of(value).is_some());
        assertion.map(SecretString::from).ok_or_else(|| {
            Error::protocol("GitHub answered with something else than an assertion")
                .with_status(status.as_u16())
        })
    }
}

impl Secret for GitHubAssertion {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(self.fetch())
    }
}

#[derive(Deserialize)]
struct Answer {
    value: String,
}

const URL: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";
const TOKEN: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// For all its tries together.
const DEADLINE: Duration = Duration::from_secs(30);
