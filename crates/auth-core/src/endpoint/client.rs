//! [`ClientAuth`]: who asks, and how that is proven.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::Form;
use crate::assertion::ClientAssertion;
use crate::error::{Error, Result};
use crate::io::clock::Clock;
use crate::session::{Held, Secret};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// The client, and how it authenticates at a token endpoint (RFC 6749 §2.3). `Debug` shows no secret.
#[derive(Clone)]
pub struct ClientAuth {
    id: String,
    method: Method,
}

#[derive(Clone)]
enum Method {
    Anonymous,
    Assertion(Arc<dyn ClientAssertion>),
    Basic(ClientSecret),
    Body(ClientSecret),
    Public,
}

impl ClientAuth {
    /// No client at all: the grant says who asks (RFC 7523 §3.1).
    pub fn anonymous() -> Self {
        Self {
            id: String::new(),
            method: Method::Anonymous,
        }
    }

    /// A signed assertion (RFC 7523 §2.2), made anew for each request.
    pub fn assertion(id: impl Into<String>, signer: Arc<dyn ClientAssertion>) -> Self {
        Self {
            id: id.into(),
            method: Method::Assertion(signer),
        }
    }

    /// The secret in an `Authorization: Basic` header, id and secret form-encoded first (RFC 6749 §2.3.1).
    pub fn basic(id: impl Into<String>, secret: impl Secret + 'static) -> Self {
        Self {
            id: id.into(),
            method: Method::Basic(ClientSecret::new(secret)),
        }
    }

    /// The secret in the body (RFC 6749 §2.3.1).
    pub fn body(id: impl Into<String>, secret: impl Secret + 'static) -> Self {
        Self {
            id: id.into(),
            method: Method::Body(ClientSecret::new(secret)),
        }
    }

    /// A client that can't keep a secret: only its id is sent (RFC 6749 §3.2.1).
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            method: Method::Public,
        }
    }

    /// The client identifier; empty where there is no client.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The same client with its secret or key revealed, for one request or one login.
    pub(super) async fn revealed(&self, held: &Held, clock: &dyn Clock) -> Result<Self> {
        let method = match &self.method {
            Method::Assertion(signer) => {
                let revealed = signer.revealed(held).await?;
                Method::Assertion(revealed.unwrap_or_else(|| signer.clone()))
            }
            Method::Basic(secret) => Method::Basic(secret.revealed(held, clock).await?),
            Method::Body(secret) => Method::Body(secret.revealed(held, clock).await?),
            other => other.clone(),
        };
        let id = self.id.clone();
        Ok(Self { id, method })
    }

    /// The server refused the client.
    pub(super) fn refused(&self) {
        match &self.method {
            Method::Assertion(signer) => signer.refused(),
            Method::Basic(secret) | Method::Body(secret) => secret.source.refused(),
            Method::Anonymous | Method::Public => {}
        }
    }

    /// The secret, where it was revealed.
    pub(super) fn secret(&self) -> Option<&SecretString> {
        match &self.method {
            Method::Basic(secret) | Method::Body(secret) => secret.known.as_ref(),
            Method::Anonymous | Method::Assertion(_) | Method::Public => None,
        }
    }

    /// Adds the proof to a form, or returns the header that carries it.
    pub(super) async fn prove(
        &self,
        form: Form,
        audience: &str,
    ) -> Result<(Form, Option<HeaderValue>)> {
        Ok(match &self.method {
            Method::Anonymous => (form, None),
            Method::Assertion(signer) => {
                let assertion = signer.sign(audience).await?;
                let form = form
                    .with("client_id", &self.id)
                    .with("client_assertion_type", ASSERTION_TYPE)
                    .with_secret("client_assertion", assertion);
                (form, None)
            }
            Method::Basic(secret) => {
                let header = basic(&self.id, secret.known()?.expose_secret())?;
                (form, Some(header))
            }
            Method::Body(secret) => {
                let form = form.with("client_id", &self.id);
                let secret = secret.known()?.clone();
                (form.with_secret("client_secret", secret), None)
            }
            Method::Public => (form.with("client_id", &self.id), None),
        })
    }
}

impl fmt::Debug for ClientAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let method = match &self.method {
            Method::Anonymous => "anonymous",
            Method::Assertion(_) => "assertion",
            Method::Basic(_) => "basic",
            Method::Body(_) => "body",
            Method::Public => "public",
        };
        f.debug_struct("ClientAuth")
            .field("id", &self.id)
            .field("method", &method)
            .finish()
    }
}

/// A client's secret, and what it is once it was revealed.
#[derive(Clone)]
struct ClientSecret {
    source: Arc<dyn Secret>,
    known: Option<SecretString>,
}

impl ClientSecret {
    fn new(source: impl Secret + 'static) -> Self {
        Self {
            source: Arc::new(source),
            known: None,
        }
    }

    async fn revealed(&self, held: &Held, clock: &dyn Clock) -> Result<Self> {
        let known = match &self.known {
            Some(known) => known.clone(),
            None => held.reveal(&*self.source, clock).await?,
        };
        Ok(Self {
            source: self.source.clone(),
            known: Some(known),
        })
    }

    fn known(&self) -> Result<&SecretString> {
        let unknown = || Error::protocol("the client's secret was not revealed before it was sent");
        self.known.as_ref().ok_or_else(unknown)
    }
}

fn basic(id: &str, secret: &str) -> Result<HeaderValue> {
    let encode = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
    let pair = STANDARD.encode(format!("{}:{}", encode(id), encode(secret)));
    let mut value = HeaderValue::try_from(format!("Basic {pair}"))
        .map_err(|_| Error::config("the client's secret can't stand in a header"))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc6749_s2_3_1_id_and_secret_are_form_encoded_before_base64() {
        let header = basic("my client", "a+b/c%&:é").unwrap();
        let pair = STANDARD
            .decode(header.to_str().unwrap().trim_start_matches("Basic "))
            .unwrap();
        assert_eq!(
            String::from_utf8(pair).unwrap(),
            "my+client:a%2Bb%2Fc%25%26%3A%C3%A9"
        );
    }

    #[test]
    fn a_client_never_prints_its_secret() {
        for client in [
            ClientAuth::basic("id", SecretString::from("canary")),
            ClientAuth::body("id", SecretString::from("canary")),
        ] {
            assert!(!format!("{client:?}").contains("canary"));
        }
    }
}
