//! [`GivenAssertion`]: an assertion that somebody else has signed.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

use super::ClientAssertion;
use crate::error::{Error, Result, Untrusted};
use crate::future::BoxFuture;
use crate::io::Io;
use crate::io::clock::{Clock, bound};
use crate::session::{Held, Secret};

/// An assertion that another issuer has signed, wherever a [`Secret`] says it is: asked for anew for each request, and
/// looked at before it is sent. A [`FileSecret`](crate::session::FileSecret) reads its file again, as a cluster's projected
/// tokens want it; in a workflow it is a [`GitHubAssertion`](super::GitHubAssertion).
///
/// As a [`ClientAssertion`] it proves a client (RFC 7523 §2.2); as a [`Secret`] it is a grant's, checked (§2.1).
#[derive(Clone, Debug)]
pub struct GivenAssertion {
    source: Arc<dyn Secret>,
    name: String,
    clock: Arc<dyn Clock>,
    known: Option<SecretString>,
}

impl GivenAssertion {
    /// The assertion that `source` reveals, judged by the clock of `io`. Does no I/O.
    pub fn new(source: impl Secret + 'static, io: &Io) -> Self {
        Self {
            source: Arc::new(source),
            name: "the assertion".to_owned(),
            clock: io.clock().clone(),
            known: None,
        }
    }

    /// Says how messages call it. Without this, "the assertion".
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        let name = name.into();
        Self { name, ..self }
    }
}

impl GivenAssertion {
    fn is_none(&self, text: &str) -> Error {
        let advice = match text.starts_with('{') {
            true => "take the token alone out of this JSON",
            false => "give the token alone, as its issuer writes it",
        };
        Error::config(format!("{} is no JSON Web Token", self.name)).with_advice(advice)
    }
}

impl Secret for GivenAssertion {
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let text = self.source.reveal(held).await?;
            let text = text.expose_secret().trim();
            let claims = Claims::of(text).ok_or_else(|| self.is_none(text))?;
            claims.ensure_alive(&self.name, self.clock.now().wall)?;
            Ok(text.to_owned().into())
        })
    }

    fn asks(&self) -> bool {
        self.source.asks()
    }

    fn refused(&self) {
        self.source.refused();
    }
}

impl ClientAssertion for GivenAssertion {
    fn sign<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        let unknown = || Error::protocol("the assertion was not revealed before it was sent");
        Box::pin(async move { self.known.clone().ok_or_else(unknown) })
    }

    fn revealed<'a>(
        &'a self,
        held: &'a Held,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn ClientAssertion>>>> {
        Box::pin(async move {
            if self.known.is_some() {
                return Ok(None);
            }
            let known = held.reveal(self, &*self.clock).await?;
            let said = Claims::of(known.expose_secret()).and_then(|claims| claims.said());
            tracing::debug!(said, "another issuer says who the client is");
            let revealed = Self {
                known: Some(known),
                ..self.clone()
            };
            Ok(Some(Arc::new(revealed) as _))
        })
    }

    /// Whoever sets up the trust in it must name these letter by letter.
    fn said(&self) -> Option<String> {
        Claims::of(self.known.as_ref()?.expose_secret())?.said()
    }

    fn refused(&self) {
        self.source.refused();
    }
}

/// What a token of somebody else says of itself, unchecked.
#[derive(Deserialize)]
pub(crate) struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Value>,
    exp: Option<f64>,
}

impl Claims {
    /// Those of a JSON Web Token; `None` if `text` is none.
    pub(crate) fn of(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        let [_, claims, _] = parts[..] else {
            return None;
        };
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()
    }

    /// When it ends, if it says so.
    pub(crate) fn end(&self) -> Option<SystemTime> {
        // Exact: below 2^53, and what is no time is the first.
        self.exp
            .map(|seconds| bound::since_epoch(seconds.max(0.0) as u64))
    }

    /// Who says it, and of whom: the same for as long as it is about the same one.
    pub(crate) fn whose(&self) -> Option<(&str, &str)> {
        self.iss.as_deref().zip(self.sub.as_deref())
    }

    /// Whether the token, which messages call `name`, may still be taken, by a server whose clock may be another.
    ///
    /// # Errors
    /// `Config`, saying when it ended.
    pub(crate) fn ensure_alive(&self, name: &str, now: SystemTime) -> Result<()> {
        match self.end() {
            Some(end) if end + SKEW <= now => Err(Error::config(format!(
                "{name} ended on {}, and nobody has renewed it",
                httpdate::fmt_http_date(end)
            ))
            .with_advice(
                "see that whatever writes it still runs (a cluster renews a projected token's file), and that this \
                 machine's clock is right",
            )),
            _ => Ok(()),
        }
    }

    /// From whom it is, about whom and for whom, letter by letter.
    pub(crate) fn said(&self) -> Option<String> {
        let aud = self.aud.as_ref().map(|aud| match aud {
            Value::String(one) => one.clone(),
            several => several.to_string(),
        });
        let all = [("iss", &self.iss), ("sub", &self.sub), ("aud", &aud)];
        let said = all.iter().filter_map(|(name, value)| {
            let value = Untrusted::new(value.as_deref()?).with_limit(200);
            Some(format!("{name} `{value}`"))
        });
        let said: Vec<_> = said.collect();
        (!said.is_empty()).then(|| format!("the assertion said {}", said.join(", ")))
    }
}

/// By how much two clocks may differ.
const SKEW: Duration = Duration::from_secs(300);
