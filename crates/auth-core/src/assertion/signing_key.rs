//! [`SigningKey`]: where the key is that signs assertions, and how it is to sign.

use std::fmt;
use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};

use crate::assertion::Algorithm;
use crate::assertion::certificate::Certificate;
use crate::assertion::key::{Key, spelling};
use crate::error::{Error, Result};
use crate::io::clock::Clock;
use crate::session::{Held, Secret};
use crate::token::Fingerprint;

/// A key that signs assertions. Its text is asked for when something must be signed, and says itself what
/// it is:
///
/// - a private key in PEM: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1 (`EC PRIVATE KEY`).
///   Other sections are skipped, certificates unless [`with_certificate`](Self::with_certificate) wants them. An RSA key signs with RS256 unless
///   [`with_algorithm`](Self::with_algorithm) says otherwise, or, for a client, the server's metadata;
/// - a private key as JSON Web Key (RFC 7517): `RSA` with its primes, `EC` on P-256, P-384 or P-521, `OKP` with Ed25519, or
///   `oct`. It may bring its key id (`kid`) and its algorithm (`alg`);
/// - anything else is a secret that both sides know, its bytes neither decoded nor trimmed: only where
///   HS256 was asked for.
///
/// `Debug` shows the algorithm, the key id and, once it was read, a [`Fingerprint`].
#[derive(Clone)]
pub struct SigningKey {
    source: Arc<dyn Secret>,
    algorithm: Option<Algorithm>,
    id: Option<String>,
    name: Option<String>,
    named_by: NamedBy,
    /// What it is, once it was revealed.
    key: Option<Key>,
    certificate: Option<Certificate>,
}

/// What of a certificate goes with what the key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NamedBy {
    Id,
    Thumbprint,
    Chain,
}

impl SigningKey {
    /// The key whose text is `source`. Nothing is read before it is needed.
    pub fn new(source: impl Secret + 'static) -> Self {
        Self {
            source: Arc::new(source),
            algorithm: None,
            id: None,
            name: None,
            named_by: NamedBy::Id,
            key: None,
            certificate: None,
        }
    }

    /// Sets the key id, the `kid` of the header (RFC 7515 §4.1.4).
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        let id = Some(id.into());
        Self { id, ..self }
    }

    /// Sets the algorithm. Whether the key is for it shows when it is read.
    #[must_use]
    pub fn with_algorithm(self, algorithm: Algorithm) -> Self {
        Self {
            algorithm: Some(algorithm),
            key: None,
            ..self
        }
    }

    /// Names the key by its certificate, which stands in the same PEM text, in whatever order: by its SHA-256 thumbprint
    /// in the header (`x5t#S256`, RFC 7515 §4.1.8).
    #[must_use]
    pub fn with_certificate(self) -> Self {
        let named_by = NamedBy::Thumbprint;
        Self { named_by, ..self }
    }

    /// The same, and sends the certificate and all others of the text along (`x5c`, RFC 7515 §4.1.6): for servers that
    /// go by who issued it.
    #[must_use]
    pub fn with_certificate_chain(self) -> Self {
        let named_by = NamedBy::Chain;
        Self { named_by, ..self }
    }

    /// Sets how errors call the key: by its place in the configuration, say.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        let name = Some(name.into());
        Self { name, ..self }
    }

    /// The same key, read: for one request, before its deadline starts.
    ///
    /// # Errors
    /// Those of the [`Secret`]; `Config` if there is no private key in its text, or one that can't sign
    /// here: encrypted, of another curve, RSA of less than 2048 bits, for another purpose or algorithm.
    pub async fn revealed(&self, held: &Held, clock: &dyn Clock) -> Result<Self> {
        if self.key.is_some() {
            return Ok(self.clone());
        }
        let text = held.reveal(&*self.source, clock).await?;
        let read = || {
            // A shared secret is what it is, also where it looks like something else.
            let text = match self.algorithm {
                Some(Algorithm::Hs256) => text.clone(),
                _ => SecretString::from(spelling::plain(text.expose_secret()).into_owned()),
            };
            let key = Key::read(&text, self.algorithm)?;
            let certificate = match self.named_by {
                NamedBy::Id => None,
                _ => Some(Certificate::read(text.expose_secret(), key.public())?),
            };
            Ok(Self {
                key: Some(key),
                certificate,
                ..self.clone()
            })
        };
        read().map_err(|error: Error| match &self.name {
            Some(name) => error.context(name),
            None => error,
        })
    }

    /// The same key, read, signing as one of the algorithms that a server `listed`, where it could and would not.
    pub(super) fn fitting(&self, listed: &[String]) -> Option<Self> {
        let free = self.key.as_ref().filter(|_| self.algorithm.is_none());
        let key = free?.fitting(listed)?;
        Some(Self {
            key: Some(key),
            ..self.clone()
        })
    }

    /// The server refused what it signed: a text that was typed or fetched is forgotten.
    pub fn refused(&self) {
        self.source.refused();
    }

    /// The algorithm: the one that was asked for, or the key's own once it was [read](Self::revealed).
    pub fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
            .or_else(|| self.key.as_ref().map(Key::algorithm))
    }

    /// The key id: the one that was set, or the key's own once it was [read](Self::revealed).
    pub fn id(&self) -> Option<&str> {
        let own = || self.key.as_ref().and_then(Key::id);
        self.id.as_deref().or_else(own)
    }

    /// What to show instead of the key, once it was [read](Self::revealed): the same in whatever form.
    pub fn fingerprint(&self) -> Option<Fingerprint> {
        self.key.as_ref().map(Key::fingerprint)
    }

    /// Whether white space surrounds the shared secret that was [read](Self::revealed): allowed, but
    /// seldom meant.
    pub fn has_stray_space(&self) -> bool {
        self.key.as_ref().is_some_and(Key::has_stray_space)
    }

    /// The thumbprint of its certificate, where it goes by that, once it was [read](Self::revealed).
    pub fn thumbprint(&self) -> Option<&str> {
        let certificate = self.certificate.as_ref();
        certificate.map(|certificate| &*certificate.thumbprint)
    }

    /// The certificates that go along: the key's own first.
    pub(super) fn chain(&self) -> Option<&[String]> {
        let certificate = self.certificate.as_ref();
        let sent = certificate.filter(|_| self.named_by == NamedBy::Chain);
        sent.map(|certificate| &*certificate.chain)
    }

    /// What it is, now that it was revealed.
    pub(super) fn known(&self) -> Result<&Key> {
        let unknown = || Error::protocol("the key was not revealed before something was signed");
        self.key.as_ref().ok_or_else(unknown)
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm())
            .field("id", &self.id())
            .field("fingerprint", &self.fingerprint())
            .finish_non_exhaustive()
    }
}
