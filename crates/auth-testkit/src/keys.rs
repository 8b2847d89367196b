//! The keys that sign tokens, and the set of them that is published.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rcgen::{CertificateParams, KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_RSA_SHA256};
use serde_json::{Value, json};

use crate::random;

/// One key signs; the older ones are still published. A key is made when it is needed first.
pub(crate) struct Keys {
    make: fn() -> Key,
    current: LazyLock<Key>,
    older: Vec<LazyLock<Key>>,
    /// Seals what nobody else is to read.
    hidden: EncodingKey,
}

impl Keys {
    /// They sign with ES256.
    pub(crate) fn new() -> Self {
        Self::made_by(Key::p256)
    }

    /// They sign with RS256, and a key that encrypts is published beside each.
    pub(crate) fn of_keycloak() -> Self {
        Self::made_by(Key::rsa)
    }

    /// They sign with RS256, each with a certificate, whose thumbprint is its name.
    pub(crate) fn of_entra() -> Self {
        Self::made_by(Key::certified)
    }

    fn made_by(make: fn() -> Key) -> Self {
        Self {
            make,
            current: LazyLock::new(make),
            older: Vec::new(),
            hidden: EncodingKey::from_secret(random::hex(64).as_bytes()),
        }
    }

    /// Signs with a new key from now on. Without `keep_old` the tokens signed so far are worthless.
    pub(crate) fn rotate(&mut self, keep_old: bool) {
        let old = std::mem::replace(&mut self.current, LazyLock::new(self.make));
        if keep_old {
            self.older.push(old);
        } else {
            self.older.clear();
        }
    }

    pub(crate) fn sign(&self, media_type: &str, claims: &Value) -> String {
        let mut header = Header::new(self.current.algorithm);
        header.typ = Some(media_type.to_owned());
        header.kid = Some(self.current.kid.clone());
        header.x5t = self.current.thumbprint.clone();
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
        let kid = jsonwebtoken::decode_header(token).ok().and_then(|h| h.kid);
        let key = self
            .published()
            .find(|key| Some(&key.kid) == kid.as_ref())?;
        let mut rule = Validation::new(key.algorithm);
        rule.validate_exp = false; // the server's own clock decides
        rule.validate_aud = false;
        rule.required_spec_claims.clear();
        let data = jsonwebtoken::decode::<Value>(token, &key.checking, &rule).ok()?;
        Some(data.claims)
    }

    /// The published set (RFC 7517).
    pub(crate) fn set(&self) -> Value {
        let keys: Vec<_> = self.published().flat_map(|key| &key.published).collect();
        json!({ "keys": keys })
    }

    fn published(&self) -> impl Iterator<Item = &Key> {
        let older = self.older.iter().rev();
        std::iter::once(&self.current)
            .chain(older)
            .map(|key| &**key)
    }
}

struct Key {
    kid: String,
    /// That of its certificate (RFC 7515 §4.1.7).
    thumbprint: Option<String>,
    algorithm: Algorithm,
    signing: EncodingKey,
    checking: DecodingKey,
    published: Vec<Value>,
}

impl Key {
    fn p256() -> Self {
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
            thumbprint: None,
            algorithm: Algorithm::ES256,
            signing: EncodingKey::from_ec_der(pair.serialized_der()),
            checking: DecodingKey::from_ec_der(point),
            published: vec![published],
        }
    }

    fn rsa() -> Self {
        let (pair, signing, published) = rsa_pair();
        let half = |purpose: &str, algorithm: &str, kid: &str| {
            let mut half = published.clone();
            half["use"] = purpose.into();
            half["alg"] = algorithm.into();
            half["kid"] = kid.into();
            half
        };
        let kid = random::hex(8);
        Self {
            thumbprint: None,
            algorithm: Algorithm::RS256,
            signing,
            checking: DecodingKey::from_rsa_der(pair.public_key_raw()),
            published: vec![
                half("enc", "RSA-OAEP", &random::hex(8)),
                half("sig", "RS256", &kid),
            ],
            kid,
        }
    }

    fn certified() -> Self {
        let (pair, signing, mut published) = rsa_pair();
        let certificate = CertificateParams::new([])
            .and_then(|params| params.self_signed(&pair))
            .expect("a key signs its own certificate");
        let der = certificate.der();
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA1_FOR_LEGACY_USE_ONLY, der));
        published["use"] = "sig".into();
        published["kid"] = thumbprint.as_str().into();
        published["x5t"] = thumbprint.as_str().into();
        published["x5c"] = json!([STANDARD.encode(der)]);
        if let Some(members) = published.as_object_mut() {
            members.remove("alg"); // Entra's keys do not say it
        }
        Self {
            kid: thumbprint.clone(),
            thumbprint: Some(thumbprint),
            algorithm: Algorithm::RS256,
            signing,
            checking: DecodingKey::from_rsa_der(pair.public_key_raw()),
            published: vec![published],
        }
    }
}

/// A pair, as what signs, and its public half.
fn rsa_pair() -> (KeyPair, EncodingKey, Value) {
    let pair = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("the system gives random bytes");
    let signing = EncodingKey::from_rsa_pem(pair.serialize_pem().as_bytes());
    let signing = signing.expect("a key that was just made can be read");
    let published = Jwk::from_encoding_key(&signing, Algorithm::RS256)
        .and_then(|jwk| Ok(serde_json::to_value(jwk)?))
        .expect("a key that was just made has a public half");
    (pair, signing, published)
}
