//! [`SharedSecrets`]: messages signed with HMAC, which are not access tokens.

use std::fmt;

use auth_core::{Error, Result};
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretSlice, SecretString};

use crate::json::{Json, Object};
use crate::jws::Compact;
use crate::rejection::{Rejection, RejectionKind as Kind};

/// Checks messages that somebody signed with a secret that both sides know (HS256, HS384, HS512), the
/// way webhooks are.
///
/// This is a world of its own: no [`Verifier`](crate::Verifier) takes such keys, so a public key can't
/// be passed off as a shared secret, nor the other way round.
///
/// ```
/// # use auth_verify::SharedSecrets;
/// # fn main() -> auth_core::Result<()> {
/// let secrets = SharedSecrets::hs256(&"an-example-secret-of-at-least-32-bytes".into())?;
/// assert!(secrets.check("eyJhbGciOiJub25lIn0.e30.").is_err());
/// # Ok(())
/// # }
/// ```
pub struct SharedSecrets(Vec<Secret>);

struct Secret {
    id: Option<Box<str>>,
    algorithm: &'static str,
    key: hmac::Key,
}

impl SharedSecrets {
    /// One secret for HS256.
    ///
    /// # Errors
    /// `Config` if it has less than 32 bytes, or looks like a PEM file or a JWK.
    pub fn hs256(secret: &SecretString) -> Result<Self> {
        Self::one("HS256", secret)
    }

    /// One secret for HS384, of at least 48 bytes.
    ///
    /// # Errors
    /// As [`hs256`](Self::hs256).
    pub fn hs384(secret: &SecretString) -> Result<Self> {
        Self::one("HS384", secret)
    }

    /// One secret for HS512, of at least 64 bytes.
    ///
    /// # Errors
    /// As [`hs256`](Self::hs256).
    pub fn hs512(secret: &SecretString) -> Result<Self> {
        Self::one("HS512", secret)
    }

    /// The secrets of a JWKS document, or of one JWK.
    ///
    /// # Errors
    /// `Config` if an entry is anything else than an `oct` key for HS256, HS384 or HS512 that is long
    /// enough, or if two have the same id.
    pub fn from_jwks(json: &SecretString) -> Result<Self> {
        let text = json.expose_secret().as_bytes().to_vec();
        let document = Object::parse(text)
            .ok_or_else(|| Error::config("the secrets are not one unambiguous JSON object"))?;
        let secrets: Vec<Secret> = match document.get("keys").map(Json::list) {
            None => vec![Secret::read(|name| document.get(name))?],
            Some(None) => return Err(Error::config("`keys` is not a list")),
            Some(Some(entries)) => entries
                .into_iter()
                .map(|entry| Secret::read(|name| entry.get(name)))
                .collect::<Result<_>>()?,
        };
        let repeats = |at: usize| secrets[..at].iter().any(|one| one.id == secrets[at].id);
        if secrets.is_empty() || (0..secrets.len()).any(repeats) {
            return Err(Error::config("there is no secret, or two with the same id"));
        }
        Ok(Self(secrets))
    }

    /// The payload of `message`, if one of the secrets signed it.
    ///
    /// # Errors
    /// The form, the header or the signature is not in order. A message is at most 256 KiB long.
    pub fn check(&self, message: &str) -> Result<Vec<u8>, Rejection> {
        let message = Compact::parse(message, LIMIT)?;
        let secret = match message.header.key_id() {
            Some(id) => self.0.iter().find(|one| one.id.as_deref() == Some(&*id)),
            None if self.0.len() == 1 => self.0.first(),
            None => return Err(Kind::AmbiguousKey.into()),
        };
        // A single secret without an id fits every id.
        let secret = secret.or_else(|| match &self.0[..] {
            [only] if only.id.is_none() => Some(only),
            _ => None,
        });
        let secret = secret.ok_or(Kind::UnknownKey)?;
        if message.header.algorithm() != secret.algorithm {
            return Err(Kind::AlgorithmNotAllowed.into());
        }
        let length = secret.key.algorithm().digest_algorithm().output_len();
        let tag = message.signature(length)?;
        hmac::verify(&secret.key, message.signed(), &tag).map_err(|_| Kind::BadSignature)?;
        Ok(message.payload()?)
    }

    fn one(algorithm: &'static str, secret: &SecretString) -> Result<Self> {
        let secret = secret.expose_secret();
        let text = secret.trim_start();
        if text.starts_with("-----BEGIN") || text.starts_with('{') || text.starts_with("ssh-") {
            return Err(Error::config("the secret looks like a key file")
                .with_advice("tokens signed with a public key's private half need a `Verifier`"));
        }
        Ok(Self(vec![Secret::new(None, algorithm, secret.as_bytes())?]))
    }
}

impl fmt::Debug for SharedSecrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self.0.iter().map(|secret| &secret.id).collect();
        f.debug_tuple("SharedSecrets").field(&ids).finish()
    }
}

impl Secret {
    fn new(id: Option<Box<str>>, algorithm: &str, secret: &[u8]) -> Result<Self> {
        let (algorithm, hash) = match algorithm {
            "HS256" => ("HS256", hmac::HMAC_SHA256),
            "HS384" => ("HS384", hmac::HMAC_SHA384),
            "HS512" => ("HS512", hmac::HMAC_SHA512),
            _ => {
                return Err(Error::config(
                    "a shared secret is for HS256, HS384 or HS512",
                ));
            }
        };
        let least = hash.digest_algorithm().output_len();
        if secret.len() < least {
            return Err(
                Error::config(format!("the secret is shorter than {least} bytes"))
                    .with_advice(format!("{algorithm} needs as many (RFC 7518 §3.2)")),
            );
        }
        Ok(Self {
            id,
            algorithm,
            key: hmac::Key::new(hash, secret),
        })
    }

    fn read<'a>(member: impl Fn(&str) -> Option<Json<'a>>) -> Result<Self> {
        // What is `null` is not there.
        let member = |name: &str| member(name).filter(|value| !value.is_null());
        let text = |name: &str| member(name).and_then(Json::text);
        let bad = |why: &str| Error::config(format!("an entry of the secrets {why}"));
        if text("kty").is_none_or(|kind| kind != "oct") {
            return Err(bad(
                "is not an `oct` key; public keys never stand beside secrets",
            ));
        }
        let for_signing = member("use").is_none_or(|use_| use_.text().is_some_and(|u| u == "sig"))
            && member("key_ops").is_none_or(|operations| {
                operations
                    .texts()
                    .is_some_and(|all| all.iter().any(|one| one == "verify"))
            });
        if !for_signing {
            return Err(bad("is not for checking signatures"));
        }
        let secret = text("k").and_then(|text| URL_SAFE_NO_PAD.decode(&*text).ok());
        let secret = SecretSlice::from(secret.ok_or_else(|| bad("has no `k`"))?);
        let algorithm = text("alg").ok_or_else(|| bad("names no algorithm"))?;
        let id = text("kid").map(Into::into);
        Self::new(id, &algorithm, secret.expose_secret())
    }
}

/// The longest message.
const LIMIT: usize = 256 << 10;
