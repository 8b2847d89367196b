//! The keys that sign tokens, and the set of them that is published.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256};
use serde_json::{Value, json};

use crate::random;

/// One key signs; the older ones are still published.
pub(crate) struct Keys {
    current: Key,
    older: Vec<Key>,
    /// Seals what nobody else is to read.
    hidden: EncodingKey,
}

impl Keys {
    pub(crate) fn new() -> Self {
        Self {
            current: Key::new(),
            older: Vec::new(),
            hidden: EncodingKey::from_secret(random::hex(64).as_bytes()),
        }
    }

    /// Signs with a new key from now on. Without `keep_old` the tokens signed so far are worthless.
    pub(crate) fn rotate(&mut self, keep_old: bool) {
        let old = std::mem::replace(&mut self.current, Key::new());
        if keep_old {
            self.older.push(old);
        } else {
            self.older.clear();
        }
    }

    pub(crate) fn sign(&self, media_type: &str, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::ES256);
        header.typ = Some(media_type.to_owned());
        header.kid = Some(self.current.kid.clone());
        jsonwebtoken::encode(&header, claims, &self.current.signing)
            .expect("a key that was just made signs")
    }

    /// A token that only this server can check.
    pub(crate) fn seal(&self, claims: &Value) -> String {
        jsonwebtoken::encode(&Header::new(Algorithm::HS512), claims, &self.hidden)
            .expect("a secret signs")
    }

    /// Whether one of the published keys signed `token`.
    pub(crate) fn signed(&self, token: &str) -> bool {
        self.claims(token).is_some()
    }

    /// What `token` says if one of the published keys signed it, even if it ended long ago.
    pub(crate) fn claims(&self, token: &str) -> Option<Value> {
        let mut rule = Validation::new(Algorithm::ES256);
        rule.validate_exp = false; // the server's own clock decides
        rule.validate_aud = false;
        rule.required_spec_claims.clear();
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|h| h.kid);
        let key = self
            .published()
            .find(|key| Some(&key.kid) == kid.as_ref())?;
        let data = jsonwebtoken::decode::<Value>(token, &key.checking, &rule).ok()?;
        Some(data.claims)
    }

    /// The published set (RFC 7517).
    pub(crate) fn set(&self) -> Value {
        let keys: Vec<_> = self.published().map(|key| &key.published).collect();
        json!({ "keys": keys })
    }

    fn published(&self) -> impl Iterator<Item = &Key> {
        std::iter::once(&self.current).chain(self.older.iter().rev())
    }
}

struct Key {
    kid: String,
    signing: EncodingKey,
    checking: DecodingKey,
    published: Value,
}

impl Key {
    fn new() -> Self {
        let pair =
            KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("the system gives random bytes");
        let kid = random::hex(8);
        // An uncompressed point: 4, then both coordinates (SEC 1 §2.3.3).
        let point = pair.public_key_raw();
        let (x, y) = point[1..].split_at(32);
        let published = json!({
            "kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256", "kid": kid,
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        });
        Self {
            kid,
            signing: EncodingKey::from_ec_der(pair.serialized_der()),
            checking: DecodingKey::from_ec_der(point),
            published,
        }
    }
}
