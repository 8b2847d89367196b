//! [`SigningKey`]: what signs an assertion.

mod jwk;
mod pem;

use std::fmt;

use auth_core::{Error, Fingerprint, Result};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use secrecy::{ExposeSecret, SecretString};

use crate::Algorithm;

/// A key that signs assertions, checked when it is read. `Debug` shows the algorithm, the key id and
/// a [`Fingerprint`].
#[derive(Clone)]
pub struct SigningKey {
    key: EncodingKey,
    algorithm: Algorithm,
    id: Option<String>,
    fingerprint: Fingerprint,
    has_stray_space: bool,
}

impl SigningKey {
    /// A secret that both sides know, for HS256: the bytes of `secret` as they are, neither decoded
    /// nor trimmed.
    ///
    /// # Errors
    /// `Config` if the secret is empty.
    pub fn from_secret(secret: &SecretString) -> Result<Self> {
        let secret = secret.expose_secret();
        let mut key = Self::hmac(secret.as_bytes())?;
        key.has_stray_space = secret.trim() != secret;
        Ok(key)
    }

    /// A private key in PEM: PKCS#8 (`PRIVATE KEY`), PKCS#1 (`RSA PRIVATE KEY`) or SEC 1
    /// (`EC PRIVATE KEY`). Other sections, such as certificates, are skipped. An RSA key signs with
    /// RS256 unless [`with_algorithm`](Self::with_algorithm) says otherwise.
    ///
    /// # Errors
    /// `Config` if there is no such key in it, or one that can't be used: encrypted, of another curve,
    /// RSA of less than 2048 bits.
    pub fn from_pem(pem: &SecretString) -> Result<Self> {
        pem::read(pem.expose_secret())
    }

    /// A private key as JSON Web Key (RFC 7517): `RSA` with its primes, `EC` on P-256, `OKP` with
    /// Ed25519, or `oct`. Takes the key id from `kid` and the algorithm from `alg`.
    ///
    /// # Errors
    /// `Config` if it is no such key or must not sign (`use`, `key_ops`).
    pub fn from_jwk(jwk: &SecretString) -> Result<Self> {
        jwk::read(jwk.expose_secret())
    }

    /// Sets the key id, the `kid` of the header (RFC 7515 §4.1.4).
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self {
            id: Some(id.into()),
            ..self
        }
    }

    /// Sets the algorithm, or makes sure that the key is for it.
    ///
    /// # Errors
    /// `Config` if the key is not for that algorithm.
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self> {
        if !self.algorithm.shares_keys_with(algorithm) {
            return Err(Error::config(format!(
                "the key is one for {}, so it can't sign with {algorithm}",
                self.algorithm
            ))
            .with_advice("change the algorithm or give another key"));
        }
        Ok(Self { algorithm, ..self })
    }

    /// The algorithm.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key id.
    pub fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    /// What to show instead of the key: the same in whatever form the key was read.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Whether white space surrounds the secret: allowed, but seldom meant.
    pub(crate) fn has_stray_space(&self) -> bool {
        self.has_stray_space
    }

    /// Signs `message`; the form of the signature is that of JWS.
    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let algorithm = self.algorithm.into();
        (DEFAULT_PROVIDER.signer_factory)(&algorithm, &self.key)
            .ok()
            .and_then(|signer| signer.try_sign(message).ok())
            .ok_or_else(|| {
                Error::config(format!(
                    "signing with the {} key {} failed",
                    self.algorithm, self.fingerprint
                ))
            })
    }

    fn hmac(secret: &[u8]) -> Result<Self> {
        if secret.is_empty() {
            return Err(Error::config("the secret that signs assertions is empty"));
        }
        Ok(Self::new(
            Algorithm::Hs256,
            EncodingKey::from_secret(secret),
        ))
    }

    fn rsa(pair: &rsa::KeyPair) -> Result<Self> {
        let pkcs8 = pair.as_der().map_err(|_| unwritable())?;
        let key = EncodingKey::from_rsa_der(pkcs1(pkcs8.as_ref()).ok_or_else(unwritable)?);
        Ok(Self::new(Algorithm::Rs256, key))
    }

    fn ec(pair: &EcdsaKeyPair) -> Result<Self> {
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| unwritable())?;
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        Ok(Self::new(Algorithm::Es256, key))
    }

    fn ed25519(pair: &Ed25519KeyPair) -> Result<Self> {
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| unwritable())?;
        let key = EncodingKey::from_ed_der(pkcs8.as_ref());
        Ok(Self::new(Algorithm::EdDsa, key))
    }

    fn new(algorithm: Algorithm, key: EncodingKey) -> Self {
        let text = SecretString::from(URL_SAFE_NO_PAD.encode(key.as_bytes()));
        Self {
            fingerprint: Fingerprint::of(text.expose_secret()),
            key,
            algorithm,
            id: None,
            has_stray_space: false,
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("algorithm", &self.algorithm)
            .field("id", &self.id)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// The `RSAPrivateKey` (RFC 8017 §A.1.2) inside a `PrivateKeyInfo` (RFC 5208 §5), which is all that
/// jsonwebtoken takes: after a version and an algorithm it is the content of an octet string.
fn pkcs1(pkcs8: &[u8]) -> Option<&[u8]> {
    let (info, _) = element(pkcs8, 0x30)?;
    let (_version, rest) = element(info, 0x02)?;
    let (_algorithm, rest) = element(rest, 0x30)?;
    let (key, _) = element(rest, 0x04)?;
    Some(key)
}

/// The content of the DER element that `der` begins with, and what follows the element.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (&[first, length], rest) = der.split_first_chunk()?;
    let (length, rest) = if length < 0x80 {
        (usize::from(length), rest)
    } else {
        let (digits, rest) = rest.split_at_checked(usize::from(length & 0x7f))?;
        let length = digits.iter().try_fold(0_usize, |sum, &digit| {
            sum.checked_mul(256)?.checked_add(digit.into())
        })?;
        (length, rest)
    };
    (first == tag).then(|| rest.split_at_checked(length))?
}

fn unwritable() -> Error {
    Error::config("the private key can't be encoded")
}
