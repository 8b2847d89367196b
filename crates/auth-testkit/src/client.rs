//! [`Client`]: a program that the issuer knows.

use std::fmt;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey};
use url::{Host, Url};

/// A program that the issuer knows, and how it proves who it is.
///
/// ```
/// # use auth_testkit::{Client, Server, TestClock};
/// let server = Server::new(TestClock::new());
/// server.add_client(Client::confidential("robot", "s3cret").with_scopes(["read", "write"]));
/// server.add_client(Client::public("desktop"));
/// ```
#[derive(Clone)]
pub struct Client {
    pub(crate) id: String,
    pub(crate) secret: Option<String>,
    pub(crate) keys: Vec<(Algorithm, DecodingKey)>,
    /// Who else may say that it is this client, and how they call it.
    pub(crate) federated: Option<(String, String)>,
    pub(crate) scopes: Option<Vec<String>>,
    pub(crate) audiences: Vec<String>,
    pub(crate) redirects: Vec<String>,
    pub(crate) exchanges: bool,
    pub(crate) needs_consent: bool,
}

impl Client {
    /// A client that can't keep a secret and so proves nothing. It may refresh, not ask for itself.
    pub fn public(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            secret: None,
            keys: Vec::new(),
            federated: None,
            scopes: None,
            audiences: Vec::new(),
            redirects: Vec::new(),
            exchanges: false,
            needs_consent: false,
        }
    }

    /// A client with a secret, taken from an `Authorization: Basic` header (id and secret
    /// form-encoded, RFC 6749 §2.3.1), from the form, or as the key of an HS256 assertion.
    pub fn confidential(id: impl Into<String>, secret: impl Into<String>) -> Self {
        let secret = secret.into();
        let key = DecodingKey::from_secret(secret.as_bytes());
        Self {
            secret: Some(secret),
            keys: vec![(Algorithm::HS256, key)],
            ..Self::public(id)
        }
    }

    /// A client that signs assertions with the private key of `jwk`: an EC, RSA or Ed25519 key in
    /// JSON (RFC 7517). An assertion proves who it is (RFC 7523 §2.2) or is a grant by itself
    /// (§2.1), for the user that is its subject. A key that can't be read lets nobody in.
    pub fn signing(id: impl Into<String>, jwk: &serde_json::Value) -> Self {
        let key = serde_json::from_value::<Jwk>(jwk.clone()).ok();
        let key = key.and_then(|jwk| DecodingKey::from_jwk(&jwk).ok());
        let algorithms: &[Algorithm] = match (&jwk["kty"], &jwk["crv"]) {
            (kty, _) if kty == "RSA" => &[Algorithm::RS256, Algorithm::PS256],
            (kty, crv) if kty == "EC" && crv == "P-256" => &[Algorithm::ES256],
            (kty, crv) if kty == "EC" && crv == "P-384" => &[Algorithm::ES384],
            (kty, _) if kty == "OKP" => &[Algorithm::EdDSA],
            _ => &[],
        };
        let keys = key.into_iter().flat_map(|key| {
            let pairs = algorithms.iter().map(|one| (*one, key.clone()));
            pairs.collect::<Vec<_>>()
        });
        Self {
            keys: keys.collect(),
            ..Self::public(id)
        }
    }

    /// A client that another issuer vouches for, as a cluster or a forge does: by an assertion of `issuer` about `subject`,
    /// signed with the key of `jwk`, which may be sent again until it ends. It proves the client (RFC 7523 §2.2) or is a
    /// grant by itself (§2.1).
    pub fn federated(
        id: impl Into<String>,
        issuer: impl Into<String>,
        subject: impl Into<String>,
        jwk: &serde_json::Value,
    ) -> Self {
        Self {
            federated: Some((issuer.into(), subject.into())),
            ..Self::signing(id, jwk)
        }
    }

    /// The scopes that it may ask for, and gets when it asks for none. Without this, any and none.
    ///
    /// At a [`Realm`](crate::Realm) they are those that it gets only when it asks for them: without this,
    /// `offline_access`. What the realm gives by itself (`profile`, `email`, `roles`) may be among them.
    #[must_use]
    pub fn with_scopes<S: Into<String>>(self, scopes: impl IntoIterator<Item = S>) -> Self {
        Self {
            scopes: Some(scopes.into_iter().map(Into::into).collect()),
            ..self
        }
    }

    /// Adds one of those for whom its tokens are when it does not ask for an `audience` or `resource`. Without this,
    /// they are for `api`, which is what a [`Resource`](crate::Resource) expects.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// A place that browsers may be sent back to, besides any on loopback.
    #[must_use]
    pub fn with_redirect(mut self, url: impl Into<String>) -> Self {
        self.redirects.push(url.into());
        self
    }

    /// It may exchange tokens at a [`Realm`](crate::Realm). Elsewhere every client may.
    #[must_use]
    pub fn with_exchange(self) -> Self {
        Self {
            exchanges: true,
            ..self
        }
    }

    /// A [`Realm`](crate::Realm) asks people once whether they allow what it wants.
    #[must_use]
    pub fn with_consent(self) -> Self {
        Self {
            needs_consent: true,
            ..self
        }
    }

    /// Where `text` leads, if browsers may be sent back there: one of its redirects, or a program on the
    /// person's own machine (RFC 8252 §7.3).
    pub(crate) fn redirect(&self, text: &str) -> Option<Url> {
        let url = Url::parse(text).ok()?;
        let is_loopback = match url.host()? {
            Host::Domain(name) => name == "localhost",
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        let known = self.redirects.iter().any(|redirect| redirect == text);
        ((is_loopback && url.scheme() == "http") || known).then_some(url)
    }

    /// Whether it proves nothing.
    pub(crate) fn is_public(&self) -> bool {
        self.secret.is_none() && self.keys.is_empty()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("id", &self.id)
            .field("scopes", &self.scopes)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}
