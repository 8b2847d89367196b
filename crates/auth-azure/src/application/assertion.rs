//! [`Federated`]: an assertion that another issuer has signed.

use std::sync::Arc;

use auth_core::assertion::ClientAssertion;
use auth_core::clock::Clock;
use auth_core::error::Untrusted;
use auth_core::session::{Held, Secret};
use auth_core::{BoxFuture, Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;

/// An assertion that another issuer has signed, asked for anew for each request.
#[derive(Clone, Debug)]
pub(super) struct Federated {
    source: Arc<dyn Secret>,
    clock: Arc<dyn Clock>,
    known: Option<SecretString>,
}

impl Federated {
    pub(super) fn new(source: Arc<dyn Secret>, clock: Arc<dyn Clock>) -> Self {
        let known = None;
        Self {
            source,
            clock,
            known,
        }
    }
}

impl ClientAssertion for Federated {
    fn sign<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        let unknown = || Error::protocol("the assertion was not revealed before it was sent");
        Box::pin(async move { self.known.clone().ok_or_else(unknown) })
    }

    fn revealed<'a>(
        &'a self,
        held: &'a Held,
    ) -> BoxFuture<'a, Result<Option<Arc<dyn ClientAssertion>>>> {
        Box::pin(async move {
            let known = match &self.known {
                Some(known) => known.clone(),
                None => read(&held.reveal(&*self.source, &*self.clock).await?)?,
            };
            let revealed = Self {
                known: Some(known),
                ..self.clone()
            };
            Ok(Some(Arc::new(revealed) as _))
        })
    }

    fn refused(&self) {
        self.source.refused();
    }
}

/// What the application's federated credential must name.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Value>,
    exp: Option<f64>,
}

/// Makes sure that it looks like an assertion, and says what it says of itself.
fn read(assertion: &SecretString) -> Result<SecretString> {
    let text = assertion.expose_secret().trim();
    let parts: Vec<&str> = text.split('.').collect();
    let claims = match parts[..] {
        [_, claims, _] => URL_SAFE_NO_PAD.decode(claims).ok(),
        _ => None,
    };
    let claims = claims.and_then(|json| serde_json::from_slice::<Claims>(&json).ok());
    let claims = claims.ok_or_else(|| {
        Error::config("the federated assertion is no JSON Web Token")
            .with_advice("give the token alone, as its issuer writes it")
    })?;
    let shown = |text: &str| Untrusted::new(text).with_limit(200).to_string();
    tracing::debug!(
        iss = %shown(claims.iss.as_deref().unwrap_or_default()),
        sub = %shown(claims.sub.as_deref().unwrap_or_default()),
        aud = %shown(&claims.aud.unwrap_or_default().to_string()),
        exp = claims.exp,
        "a federated assertion is sent"
    );
    Ok(text.to_owned().into())
}
