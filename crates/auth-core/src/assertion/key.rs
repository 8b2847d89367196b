//! [`Key`]: what signs an assertion, read from its text.

mod jwk;
mod pem;
pub(super) mod spelling;

use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair as _,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::EncodingKey;
use jsonwebtoken::crypto::aws_lc::DEFAULT_PROVIDER;
use secrecy::{ExposeSecret, SecretString};

use crate::assertion::Algorithm;
use crate::error::{Error, Result};
use crate::token::Fingerprint;

/// A key that can sign.
#[derive(Clone)]
pub(super) struct Key {
    key: EncodingKey,
    algorithm: Algorithm,
    id: Option<String>,
    fingerprint: Fingerprint,
    /// The public half, as a certificate holds it; empty for a shared secret.
    public: Vec<u8>,
    has_stray_space: bool,
    /// Whether somebody said which algorithm it is for.
    is_bound: bool,
}

impl Key {
    /// The key in `text`, which is to sign with `algorithm` if that was asked for.
    pub(super) fn read(text: &SecretString, algorithm: Option<Algorithm>) -> Result<Self> {
        let text = text.expose_secret();
        let key =
            match Form::of(text, algorithm) {
                Some(Form::Jwk(json)) => jwk::read(json),
                Some(Form::Pem) => pem::read(text),
                Some(Form::Shared) => Self::shared(text),
                None => Err(Error::config("the key is neither PEM nor a JSON Web Key")
                    .with_advice(match algorithm {
                        None => "if it is a shared secret, add `algorithm = \"HS256\"`",
                        Some(_) => "give the private key; a shared secret signs with HS256 only",
                    })),
            }?;
        match algorithm {
            Some(algorithm) => key.with_algorithm(algorithm),
            None => Ok(key),
        }
    }

    fn with_algorithm(self, algorithm: Algorithm) -> Result<Self> {
        if !self.algorithm.shares_keys_with(algorithm) {
            return Err(Error::config(format!(
                "the key is one for {}, so it can't sign with {algorithm}",
                self.algorithm
            ))
            .with_advice("change the algorithm or give another key"));
        }
        Ok(Self {
            algorithm,
            is_bound: true,
            ..self
        })
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The same key signing with one of the algorithms that a server `listed`, where it could and its own is not
    /// among them.
    pub(super) fn fitting(&self, listed: &[String]) -> Option<Self> {
        let is_listed = |one: &Algorithm| listed.iter().any(|name| name == one.name());
        if self.is_bound || is_listed(&self.algorithm) {
            return None;
        }
        let fits = |one: &Algorithm| self.algorithm.shares_keys_with(*one) && is_listed(one);
        let algorithm = Algorithm::OF_RSA.into_iter().find(fits)?;
        Some(Self {
            algorithm,
            ..self.clone()
        })
    }

    pub(super) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(super) fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    pub(super) fn has_stray_space(&self) -> bool {
        self.has_stray_space
    }

    /// The public half, as a certificate holds it; empty for a shared secret.
    pub(super) fn public(&self) -> &[u8] {
        &self.public
    }

    /// Signs `message`; the form of the signature is that of JWS.
    pub(super) fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let signed = match self.algorithm.of_jsonwebtoken() {
            Some(algorithm) => (DEFAULT_PROVIDER.signer_factory)(&algorithm, &self.key)
                .ok()
                .and_then(|signer| signer.try_sign(message).ok()),
            None => self.sign_es512(message),
        };
        signed.ok_or_else(|| {
            Error::config(format!(
                "signing with the {} key {} failed",
                self.algorithm, self.fingerprint
            ))
        })
    }

    fn sign_es512(&self, message: &[u8]) -> Option<Vec<u8>> {
        let curve = &signature::ECDSA_P521_SHA512_FIXED_SIGNING;
        let pair = EcdsaKeyPair::from_pkcs8(curve, self.key.as_bytes()).ok()?;
        let signed = pair.sign(&SystemRandom::new(), message).ok()?;
        Some(signed.as_ref().to_vec())
    }

    fn shared(secret: &str) -> Result<Self> {
        let has_stray_space = secret.trim() != secret;
        let key = Self::hmac(secret.as_bytes())?;
        Ok(Self {
            has_stray_space,
            ..key
        })
    }

    fn hmac(secret: &[u8]) -> Result<Self> {
        if secret.is_empty() {
            return Err(Error::config("the secret that signs assertions is empty"));
        }
        let key = EncodingKey::from_secret(secret);
        Ok(Self::new(Algorithm::Hs256, key, &[]))
    }

    fn rsa(pair: &rsa::KeyPair) -> Result<Self> {
        let pkcs8 = pair.as_der().map_err(|_| unwritable())?;
        let key = EncodingKey::from_rsa_der(pkcs1(pkcs8.as_ref()).ok_or_else(unwritable)?);
        Ok(Self::new(Algorithm::Rs256, key, pair.public_key().as_ref()))
    }

    fn ec(algorithm: Algorithm, pair: &EcdsaKeyPair) -> Result<Self> {
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| unwritable())?;
        let key = EncodingKey::from_ec_der(pkcs8.as_ref());
        Ok(Self::new(algorithm, key, pair.public_key().as_ref()))
    }

    fn ed25519(pair: &Ed25519KeyPair) -> Result<Self> {
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| unwritable())?;
        let key = EncodingKey::from_ed_der(pkcs8.as_ref());
        Ok(Self::new(Algorithm::EdDsa, key, pair.public_key().as_ref()))
    }

    fn new(algorithm: Algorithm, key: EncodingKey, public: &[u8]) -> Self {
        let text = SecretString::from(URL_SAFE_NO_PAD.encode(key.as_bytes()));
        Self {
            fingerprint: Fingerprint::of(text.expose_secret()),
            key,
            algorithm,
            id: None,
            public: public.to_vec(),
            has_stray_space: false,
            is_bound: false,
        }
    }
}

/// The elliptic curves that sign, by their names in JOSE and with what signs on them.
const CURVES: [(&str, Algorithm, &EcdsaSigningAlgorithm); 3] = [
    (
        "P-256",
        Algorithm::Es256,
        &signature::ECDSA_P256_SHA256_FIXED_SIGNING,
    ),
    (
        "P-384",
        Algorithm::Es384,
        &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
    ),
    (
        "P-521",
        Algorithm::Es512,
        &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
    ),
];

/// What the text of a key can be.
enum Form<'a> {
    Jwk(&'a str),
    Pem,
    Shared,
}

impl<'a> Form<'a> {
    fn of(text: &'a str, algorithm: Option<Algorithm>) -> Option<Self> {
        let may_be_shared = algorithm == Some(Algorithm::Hs256);
        let bare = text.trim_start_matches('\u{feff}').trim_start();
        match bare.strip_prefix('{') {
            // A random secret may begin with a brace, but not go on as an object does.
            Some(rest) if !may_be_shared || rest.trim_start().starts_with('"') => {
                Some(Self::Jwk(bare))
            }
            _ if text.contains("-----BEGIN ") => Some(Self::Pem),
            _ => may_be_shared.then_some(Self::Shared),
        }
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
