//! [`Forge`]: signs anything, in order or not.

use std::sync::OnceLock;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair as RsaKeyPair, KeySize, PublicKeyComponents};
use aws_lc_rs::signature::{
    self, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair, RsaEncoding,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

/// A key that was made just now, its id, and what it signs with.
pub struct Forge {
    pub id: String,
    pub algorithm: &'static str,
    pair: Pair,
}

enum Pair {
    Rsa(&'static RsaKeyPair),
    Ec(EcdsaKeyPair, &'static str),
    Ed(Ed25519KeyPair),
}

impl Forge {
    /// RSA keys take their time to make, so there are two in all.
    pub fn rsa(id: &str) -> Self {
        static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
        Self::of_pair(id, &PAIR)
    }

    pub fn other_rsa(id: &str) -> Self {
        static PAIR: OnceLock<RsaKeyPair> = OnceLock::new();
        Self::of_pair(id, &PAIR)
    }

    fn of_pair(id: &str, pair: &'static OnceLock<RsaKeyPair>) -> Self {
        let make = || RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        Self {
            id: id.to_owned(),
            algorithm: "RS256",
            pair: Pair::Rsa(pair.get_or_init(make)),
        }
    }

    /// The same key once more.
    ///
    /// # Panics
    /// If it is none of the two RSA keys.
    pub fn twin(&self) -> Self {
        let Pair::Rsa(pair) = &self.pair else {
            panic!("only RSA keys are kept")
        };
        Self {
            id: self.id.clone(),
            algorithm: self.algorithm,
            pair: Pair::Rsa(pair),
        }
    }

    pub fn p256(id: &str) -> Self {
        let algorithm = &signature::ECDSA_P256_SHA256_FIXED_SIGNING;
        Self::ec(id, "ES256", "P-256", algorithm)
    }

    pub fn p384(id: &str) -> Self {
        let algorithm = &signature::ECDSA_P384_SHA384_FIXED_SIGNING;
        Self::ec(id, "ES384", "P-384", algorithm)
    }

    pub fn p521(id: &str) -> Self {
        let algorithm = &signature::ECDSA_P521_SHA512_FIXED_SIGNING;
        Self::ec(id, "ES512", "P-521", algorithm)
    }

    fn ec(
        id: &str,
        algorithm: &'static str,
        curve: &'static str,
        signing: &'static EcdsaSigningAlgorithm,
    ) -> Self {
        let pair = EcdsaKeyPair::generate(signing).unwrap();
        Self {
            id: id.to_owned(),
            algorithm,
            pair: Pair::Ec(pair, curve),
        }
    }

    pub fn ed25519(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            algorithm: "EdDSA",
            pair: Pair::Ed(Ed25519KeyPair::generate().unwrap()),
        }
    }

    pub fn with_algorithm(self, algorithm: &'static str) -> Self {
        Self { algorithm, ..self }
    }

    /// The published half.
    pub fn jwk(&self) -> Value {
        let mut jwk = match &self.pair {
            Pair::Rsa(pair) => {
                let parts = PublicKeyComponents::<Vec<u8>>::from(pair.public_key());
                json!({ "kty": "RSA", "n": b64(parts.n), "e": b64(parts.e) })
            }
            Pair::Ec(pair, curve) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": curve, "x": b64(x), "y": b64(y) })
            }
            Pair::Ed(pair) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": b64(pair.public_key()) })
            }
        };
        jwk["kid"] = self.id.clone().into();
        jwk["alg"] = self.algorithm.into();
        jwk["use"] = "sig".into();
        jwk
    }

    pub fn header(&self) -> Value {
        json!({ "alg": self.algorithm, "kid": self.id, "typ": "JWT" })
    }

    /// A token with the usual header.
    pub fn token(&self, claims: &Value) -> String {
        self.with_header(&self.header(), claims)
    }

    pub fn with_header(&self, header: &Value, claims: &Value) -> String {
        self.of_bytes(header.to_string(), claims.to_string())
    }

    /// A token with the usual header and any payload.
    pub fn of_payload(&self, payload: impl AsRef<[u8]>) -> String {
        self.of_bytes(self.header().to_string(), payload)
    }

    /// Signs whatever the two are.
    pub fn of_bytes(&self, header: impl AsRef<[u8]>, payload: impl AsRef<[u8]>) -> String {
        self.of_segments(&b64(header), &b64(payload))
    }

    /// Signs the text of two segments as it is.
    pub fn of_segments(&self, header: &str, payload: &str) -> String {
        let signed = format!("{header}.{payload}");
        let signature = b64(self.sign(signed.as_bytes()));
        format!("{signed}.{signature}")
    }

    pub fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::Rsa(pair) => {
                let encoding: &dyn RsaEncoding = match self.algorithm {
                    "RS256" => &signature::RSA_PKCS1_SHA256,
                    "RS384" => &signature::RSA_PKCS1_SHA384,
                    "RS512" => &signature::RSA_PKCS1_SHA512,
                    "PS256" => &signature::RSA_PSS_SHA256,
                    "PS384" => &signature::RSA_PSS_SHA384,
                    _ => &signature::RSA_PSS_SHA512,
                };
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(encoding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Pair::Ec(pair, _) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Pair::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }
}

pub fn b64(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
