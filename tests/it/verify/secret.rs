//! Rule 12, the other half: shared secrets are a world of their own.

use auth_verify::RejectionKind::{AlgorithmNotAllowed, AmbiguousKey, BadSignature, UnknownKey};
use auth_verify::SharedSecrets;
use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::forge::{Forge, b64};

fn signed(header: Value, secret: &[u8]) -> String {
    let signed = format!("{}.{}", b64(header.to_string()), b64("payload"));
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
    format!("{signed}.{}", b64(hmac::sign(&key, signed.as_bytes())))
}

#[test]
fn a_message_is_checked_with_the_secret_that_it_names() {
    let (first, second) = ([1; 32], [2; 32]);
    let jwk = |id: &str, secret: &[u8]| json!({ "kty": "oct", "alg": "HS256", "kid": id, "k": b64(secret) });
    let document = json!({ "keys": [jwk("a", &first), jwk("b", &second)] });
    let secrets = SharedSecrets::from_jwks(&document.to_string().into()).unwrap();
    let header = |id: &str| json!({ "alg": "HS256", "kid": id });
    let kind = |token: &str| secrets.check(token).map_err(|rejection| rejection.kind());
    assert_eq!(kind(&signed(header("a"), &first)).unwrap(), b"payload");
    assert_eq!(kind(&signed(header("b"), &first)), Err(BadSignature));
    assert_eq!(kind(&signed(header("c"), &first)), Err(UnknownKey));
    assert_eq!(
        kind(&signed(json!({ "alg": "HS256" }), &first)),
        Err(AmbiguousKey)
    );
    assert_eq!(
        kind(&signed(json!({ "alg": "HS512", "kid": "a" }), &first)),
        Err(AlgorithmNotAllowed)
    );
    assert_eq!(
        kind(&signed(json!({ "alg": "none", "kid": "a" }), &first)),
        Err(AlgorithmNotAllowed)
    );
    assert_eq!(
        format!("{secrets:?}"),
        r#"SharedSecrets([Some("a"), Some("b")])"#
    );
}

#[test]
fn a_short_secret_and_one_that_is_a_key_file_are_refused() {
    let of = |text: &str| SharedSecrets::hs256(&text.into());
    assert!(of(&"x".repeat(32)).is_ok());
    assert!(SharedSecrets::hs384(&"x".repeat(48).into()).is_ok());
    assert!(SharedSecrets::hs512(&"x".repeat(64).into()).is_ok());
    assert!(of(&"x".repeat(31)).is_err() && of("").is_err());
    assert!(SharedSecrets::hs512(&"x".repeat(63).into()).is_err());
    let forge = Forge::p256("k");
    for bad in [
        "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----".to_owned(),
        forge.jwk().to_string(),
        format!("  {}", forge.jwk()),
    ] {
        assert!(of(&bad).is_err(), "{bad}");
    }
}

#[test]
fn public_keys_never_stand_beside_secrets() {
    let oct = json!({ "kty": "oct", "alg": "HS256", "kid": "s", "k": b64([1; 32]) });
    let read = |list: Value| SharedSecrets::from_jwks(&json!({ "keys": list }).to_string().into());
    assert!(read(json!([oct])).is_ok());
    assert!(read(json!([oct, Forge::p256("k").jwk()])).is_err());
    assert!(read(json!([oct, oct])).is_err(), "the same id twice");
    assert!(read(json!([])).is_err());
    for (name, value) in [
        ("alg", json!("A256GCM")),
        ("alg", json!(null)),
        ("use", json!("enc")),
        ("key_ops", json!(["sign"])),
        ("k", json!("!")),
        ("k", json!(b64([1; 31]))),
    ] {
        let mut bad = oct.clone();
        bad[name] = value;
        assert!(read(json!([bad])).is_err(), "{name}");
    }
}
