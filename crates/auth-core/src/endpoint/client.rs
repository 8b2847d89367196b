//! [`ClientAuth`]: who asks, and how that is proven.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::form_urlencoded;

use super::Form;
use super::client_secret::ClientSecret;
use crate::assertion::ClientAssertion;
use crate::error::{Error, Result, hint};
use crate::io::clock::Clock;
use crate::io::quoted;
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
    /// As the server's metadata say.
    Listed(ClientSecret),
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

    /// The secret in the body of the request (RFC 6749 §2.3.1), for servers that do not take it in the header.
    pub fn body(id: impl Into<String>, secret: impl Secret + 'static) -> Self {
        Self {
            id: id.into(),
            method: Method::Body(ClientSecret::new(secret)),
        }
    }

    /// The secret where the server's metadata say that it belongs (`token_endpoint_auth_methods_supported`): in the
    /// header, as [`basic`](Self::basic), unless they name the body and not the header.
    pub fn secret(id: impl Into<String>, secret: impl Secret + 'static) -> Self {
        Self {
            id: id.into(),
            method: Method::Listed(ClientSecret::new(secret)),
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
            Method::Basic(secret) => Method::Basic(secret.revealed(&self.id, held, clock).await?),
            Method::Body(secret) => Method::Body(secret.revealed(&self.id, held, clock).await?),
            Method::Listed(secret) => Method::Listed(secret.revealed(&self.id, held, clock).await?),
            other => other.clone(),
        };
        let id = self.id.clone();
        Ok(Self { id, method })
    }

    /// The server refused the client.
    pub(super) fn refused(&self) {
        match &self.method {
            Method::Assertion(signer) => signer.refused(),
            Method::Basic(secret) | Method::Body(secret) | Method::Listed(secret) => {
                secret.refused();
            }
            Method::Anonymous | Method::Public => {}
        }
    }

    /// The same client, in a way that the server `listed`, if it left open which one, and signing with one of the
    /// `algorithms` that it lists.
    pub(super) fn settled(self, listed: Option<&[String]>, algorithms: Option<&[String]>) -> Self {
        let secret = match self.method {
            Method::Listed(secret) => secret,
            Method::Assertion(signer) => {
                let fitting = algorithms.and_then(|listed| signer.fitting(listed));
                let method = Method::Assertion(fitting.unwrap_or(signer));
                return Self { method, ..self };
            }
            method => return Self { method, ..self },
        };
        let has = |way: &str| listed.is_some_and(|listed| listed.iter().any(|one| one == way));
        let method = match has(BODY) && !has(BASIC) {
            true => Method::Body(secret),
            false => Method::Basic(secret),
        };
        Self { method, ..self }
    }

    /// What to try where the server refused the client, beside what is `known` of its reason: which way it was asked, and
    /// which ones it lists.
    pub(super) fn advice(&self, known: Option<&str>, listed: Option<&[String]>) -> String {
        let mut all: Vec<String> = known.map(str::to_owned).into_iter().collect();
        // Where the server said more, the way was right.
        if listed.is_some() || known.is_none_or(|known| known == hint::CLIENT) {
            all.extend(self.way(listed));
        }
        if let Method::Assertion(signer) = &self.method {
            all.extend(signer.said());
        }
        if let Some(oddity) = self.oddity() {
            all.push(format!(
                "the secret that was sent {oddity}, which is seldom meant"
            ));
        }
        all.join("; ")
    }

    /// What is seldom meant about the secret.
    fn oddity(&self) -> Option<&'static str> {
        match &self.method {
            Method::Basic(secret) | Method::Body(secret) | Method::Listed(secret) => {
                secret.oddity()
            }
            Method::Anonymous | Method::Assertion(_) | Method::Public => None,
        }
    }

    fn way(&self, listed: Option<&[String]>) -> Option<String> {
        let way = match &self.method {
            Method::Anonymous => return None,
            Method::Assertion(_) => "private_key_jwt",
            Method::Basic(_) | Method::Listed(_) => BASIC,
            Method::Body(_) => BODY,
            Method::Public => "none",
        };
        let mut said = format!("the client was named by `{way}`");
        if let Some(listed) = listed {
            let shown = listed.iter().take(10).map(|one| quoted(one));
            let shown = shown.collect::<Vec<_>>().join("`, `");
            said += &match listed.iter().any(|one| one == way) {
                true => format!(", and the server takes `{shown}`"),
                false => format!(", which the server does not list: it takes `{shown}`"),
            };
        }
        Some(said)
    }

    /// The secret, where it was revealed.
    pub(super) fn revealed_secret(&self) -> Option<&SecretString> {
        match &self.method {
            Method::Basic(secret) | Method::Body(secret) | Method::Listed(secret) => {
                secret.at_hand()
            }
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
            Method::Basic(secret) | Method::Listed(secret) => {
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
            Method::Listed(_) => "secret",
            Method::Public => "public",
        };
        f.debug_struct("ClientAuth")
            .field("id", &self.id)
            .field("method", &method)
            .finish()
    }
}

const BASIC: &str = "client_secret_basic";
const BODY: &str = "client_secret_post";

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
    fn the_way_of_a_secret_is_one_that_the_server_lists() {
        let way = |listed: Option<&[&str]>| {
            let listed =
                listed.map(|all| all.iter().map(|&one| one.to_owned()).collect::<Vec<_>>());
            let client = ClientAuth::secret("id", SecretString::from("s"));
            format!("{:?}", client.settled(listed.as_deref(), None))
        };
        assert!(way(None).contains("basic"));
        assert!(way(Some(&[])).contains("basic"));
        assert!(way(Some(&["client_secret_post"])).contains("body"));
        assert!(way(Some(&["client_secret_post", "client_secret_basic"])).contains("basic"));
        assert!(way(Some(&["private_key_jwt"])).contains("basic"));
        let told = ClientAuth::basic("id", SecretString::from("s"));
        let told = told.advice(None, Some(&["client_secret_post".to_owned()]));
        assert!(
            told.contains("client_secret_basic") && told.contains("it takes `client_secret_post`"),
            "{told}"
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
