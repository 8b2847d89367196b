//! [`KeySet`]: the public keys of one issuer.

use std::fmt;
use std::sync::Arc;

use auth_core::{Error, Result};
use serde_json::value::RawValue;

use super::jwk::{self, Reading, Unusable};
use super::key::Key;
use super::unused::Unused;
use crate::Algorithm;
use crate::json::Object;
use crate::jws::Compact;
use crate::rejection::{Rejection, RejectionKind as Kind};

/// The keys that an issuer publishes (RFC 7517 §5), as far as tokens can be checked with them.
///
/// Encryption keys, keys of unknown kinds, damaged and weak ones are left out, and counted; one of
/// them never spoils the others. A set never holds a shared secret: an `oct` entry is left out like a
/// private key, loudly.
pub struct KeySet {
    /// In order of id; a key once for each algorithm that it is for.
    keys: Vec<Arc<Key>>,
    /// How many entries they are.
    used: usize,
    left_out: usize,
    pub(super) unused: Unused,
    is_loose: bool,
}

impl KeySet {
    /// Reads a JWKS document. An RSA key that names no algorithm is one for RS256.
    ///
    /// # Errors
    /// `Protocol` if it is not one unambiguous JSON object with a list called `keys`, if no key of it
    /// can be used, or if there are more than a thousand.
    pub fn from_jwks(json: impl Into<Vec<u8>>) -> Result<Self> {
        Self::read(json.into(), &Reading::default())
    }

    /// The same, with keys that are published as a certificate alone:
    /// [`Keys::with_keys_in_certificates`](crate::Keys::with_keys_in_certificates).
    ///
    /// # Errors
    /// As [`from_jwks`](Self::from_jwks).
    pub fn from_jwks_with_certificates(json: impl Into<Vec<u8>>) -> Result<Self> {
        let in_certificates = true;
        Self::read(
            json.into(),
            &Reading {
                in_certificates,
                ..Reading::default()
            },
        )
    }

    pub(super) fn read(json: Vec<u8>, reading: &Reading) -> Result<Self> {
        let bad = |why: &str| {
            Error::protocol(format!("the key set {why}"))
                .with_advice("check that the URL or file is the issuer's JWKS document")
        };
        let text = json.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&json);
        let document = match text.trim_ascii_start().first() {
            Some(b'{') => serde_json::from_slice::<Document<'_>>(text).ok(),
            _ => None,
        };
        let document = document.ok_or_else(|| {
            bad(match text {
                [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..] => {
                    "is no UTF-8, and JSON is (RFC 8259 §8.1)"
                }
                _ => "is not one unambiguous JSON object",
            })
        })?;
        let entries = document.keys.ok_or_else(|| bad("has no list `keys`"))?;
        let entries: Vec<&RawValue> =
            serde_json::from_str(entries.get()).map_err(|_| bad("has no list `keys`"))?;
        let count = entries.len();
        let (mut unused, mut foreign) = (Unused::default(), Unused::default());
        let mut keys: Vec<Arc<Key>> = Vec::new();
        let mut used = 0;
        for entry in entries {
            // Each by itself, so that none spoils the others.
            let Some(entry) = Object::parse(entry.get().as_bytes().to_vec()) else {
                unused.push(None, "not one unambiguous JSON object");
                continue;
            };
            match jwk::read(&entry, reading) {
                Ok(ways) if keys.iter().any(|known| known.is_same(&ways[0])) => {}
                Ok(_) if used == LIMIT => return Err(bad("has more than a thousand keys")),
                Ok(ways) => {
                    used += 1;
                    keys.extend(ways.into_iter().map(Arc::new));
                }
                Err(Unusable::Foreign(why)) => foreign.push(Some(&entry), why),
                Err(Unusable::Bad(why)) => unused.push(Some(&entry), why),
                Err(Unusable::Private) => {
                    unused.push(Some(&entry), "a private key or a shared secret");
                    tracing::error!("a PRIVATE key or secret is published; it is not used");
                }
            }
        }
        // What is wrong with a key says more than what another one is for.
        unused.extend(foreign);
        for (kid, why) in unused.iter() {
            match keys.is_empty() {
                true => tracing::warn!(
                    kid,
                    why,
                    "a published key can't be used, and no other is there"
                ),
                false => tracing::debug!(kid, why, "a published key is not used"),
            }
        }
        if keys.is_empty() {
            let reason = match unused.iter().next() {
                Some((Some(kid), why)) => format!(" (key {kid}: {why})"),
                Some((None, why)) => format!(" ({why})"),
                None => String::new(),
            };
            return Err(bad(&format!(
                "has no key that tokens can be checked with{reason}"
            )));
        }
        unused.truncate(LIMIT);
        keys.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(Self {
            left_out: count - used,
            used,
            unused,
            keys,
            is_loose: false,
        })
    }

    /// Lets a key be found where ids do not say which, as [`Keys::with_loose_ids`](crate::Keys::with_loose_ids) does.
    #[must_use]
    pub fn with_loose_ids(self) -> Self {
        Self {
            is_loose: true,
            ..self
        }
    }

    /// How many keys can be used.
    pub fn len(&self) -> usize {
        self.used
    }

    /// Never: a set without a usable key is an error.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// How many entries are not used.
    pub fn left_out(&self) -> usize {
        self.left_out
    }

    /// The payload of a compact JWS that one of the keys signed with one of the algorithms: a document,
    /// not a token. Nothing is known about who wrote it for whom, and when. At most 256 KiB.
    ///
    /// # Errors
    /// The form, the header or the signature is not in order.
    pub fn check_document(
        &self,
        document: &str,
        algorithms: &[Algorithm],
    ) -> Result<Vec<u8>, Rejection> {
        let document = Compact::parse(document, 256 << 10)?;
        let algorithm = Algorithm::of_name(&document.header.algorithm());
        let allowed = algorithm.filter(|algorithm| algorithms.contains(algorithm));
        let key = self.find(&document, allowed.ok_or(Kind::AlgorithmNotAllowed)?)?;
        key.verify(&document)?;
        Ok(document.payload()?)
    }

    /// The key that a token asks for, by id and algorithm.
    pub(crate) fn find(&self, token: &Compact<'_>, algorithm: Algorithm) -> Result<Arc<Key>, Kind> {
        let key_id = token.header.key_id();
        let named = match &key_id {
            None => &self.keys[..],
            Some(id) => match self.named(Some(id)) {
                [] if self.is_loose => self.named(None),
                named => named,
            },
        };
        let mut fitting = named.iter().filter(|key| key.algorithm == algorithm);
        match (fitting.next(), fitting.next()) {
            (Some(key), None) => Ok(key.clone()),
            (Some(first), Some(second)) if self.is_loose => {
                let mut all = [first, second].into_iter().chain(fitting).take(MOST_TRIED);
                let signer = all.find(|key| key.verify(token).is_ok());
                Ok(signer.unwrap_or(first).clone())
            }
            (Some(_), Some(_)) => Err(Kind::AmbiguousKey),
            (None, _) if key_id.is_some() && !named.is_empty() => Err(Kind::AlgorithmNotAllowed),
            (None, _) => Err(Kind::UnknownKey),
        }
    }

    fn named(&self, id: Option<&str>) -> &[Arc<Key>] {
        let first = self.keys.partition_point(|key| key.id() < id);
        let count = self.keys[first..].partition_point(|key| key.id() == id);
        &self.keys[first..first + count]
    }
}

/// The document, of which nothing but the keys is read.
#[derive(serde::Deserialize)]
struct Document<'a> {
    #[serde(borrow)]
    keys: Option<&'a RawValue>,
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("keys", &self.used)
            .field("left_out", &self.left_out)
            .finish()
    }
}

/// How many keys are tried where ids do not say which.
const MOST_TRIED: usize = 4;

/// The most keys that a set may have.
const LIMIT: usize = 1_000;
