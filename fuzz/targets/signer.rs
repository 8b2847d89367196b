//! A key that signs, and a verifier that knows it.

#![allow(dead_code, reason = "each target needs a part of it")]

use std::sync::LazyLock;

use auth_verify::{Issuer, KeySet, Keys, Verifier};
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

pub const ISSUER: &str = "https://issuer.test";
pub const HEADER: &str = r#"{"alg":"EdDSA","kid":"k"}"#;
pub const CLAIMS: &str = r#"{"iss":"https://issuer.test","aud":"api","exp":253402300799}"#;

static PAIR: LazyLock<Ed25519KeyPair> =
    LazyLock::new(|| Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a seed"));

static VERIFIER: LazyLock<Verifier> = LazyLock::new(|| {
    let x = URL_SAFE_NO_PAD.encode(PAIR.public_key());
    let jwks = format!(r#"{{"keys":[{{"kty":"OKP","crv":"Ed25519","kid":"k","x":"{x}"}}]}}"#);
    let keys = Keys::fixed(KeySet::from_jwks(jwks).expect("a key"));
    Verifier::new(Issuer::new(ISSUER, "api", keys).expect("an issuer"))
});

pub fn verifier() -> &'static Verifier {
    &VERIFIER
}

pub fn signed(header: &[u8], claims: &[u8]) -> String {
    let signed = format!(
        "{}.{}",
        URL_SAFE_NO_PAD.encode(header),
        URL_SAFE_NO_PAD.encode(claims)
    );
    let signature = URL_SAFE_NO_PAD.encode(PAIR.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}
