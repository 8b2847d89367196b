//! Keys in every form, and what they sign.

use std::time::{Duration, SystemTime};

use auth_core::ErrorKind;
use auth_jwt_bearer::{Algorithm, Assertion, SigningKey};
use insta::assert_snapshot;
use jsonwebtoken::{DecodingKey, Validation, decode};
use secrecy::ExposeSecret;
use serde_json::Value;

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("keys/", $name))
    };
}

fn pem(text: &str) -> SigningKey {
    SigningKey::from_pem(&text.into()).unwrap()
}

fn jwk(text: &str) -> SigningKey {
    SigningKey::from_jwk(&text.into()).unwrap()
}

/// Checks an assertion by `key` with another reader than ours.
fn assert_verifies(key: SigningKey, public: &DecodingKey) {
    let algorithm: jsonwebtoken::Algorithm = key.algorithm().name().parse().unwrap();
    let mut rules = Validation::new(algorithm);
    rules.set_audience(&["api"]);
    rules.set_issuer(&["me"]);
    rules.validate_exp = false;
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_005);
    let assertion = Assertion::new("me", key.with_id("7")).with_audience("api");
    let token = assertion.signed_at(now).unwrap();
    let checked = decode::<Value>(token.expose_secret(), public, &rules).unwrap();
    assert_eq!(checked.header.kid.as_deref(), Some("7"));
    assert_eq!(checked.claims["exp"], 1_700_003_600);
}

#[test]
fn each_algorithm_signs_what_others_verify() {
    let secret = SigningKey::from_secret(&"secret".into()).unwrap();
    assert_verifies(secret, &DecodingKey::from_secret(b"secret"));

    let public = DecodingKey::from_rsa_pem(file!("rsa.public.pem").as_bytes()).unwrap();
    for key in [file!("rsa.pkcs8.pem"), file!("rsa.pkcs1.pem")].map(pem) {
        assert_eq!(key.algorithm(), Algorithm::Rs256);
        let pss = key.clone().with_algorithm(Algorithm::Ps256).unwrap();
        assert_verifies(key, &public);
        assert_verifies(pss, &public);
    }

    let public = DecodingKey::from_ec_pem(file!("ec.public.pem").as_bytes()).unwrap();
    for key in [file!("ec.pkcs8.pem"), file!("ec.sec1.pem")].map(pem) {
        assert_eq!(key.algorithm(), Algorithm::Es256);
        assert_verifies(key, &public);
    }

    let public = DecodingKey::from_ed_pem(file!("ed25519.public.pem").as_bytes()).unwrap();
    let key = pem(file!("ed25519.pkcs8.pem"));
    assert_eq!(key.algorithm(), Algorithm::EdDsa);
    assert_verifies(key, &public);
}

#[test]
fn a_key_is_the_same_in_every_form() {
    let rsa = jwk(file!("rsa.jwk.json"));
    assert_eq!(
        (rsa.id(), rsa.algorithm()),
        (Some("rsa-1"), Algorithm::Ps256)
    );
    for form in [file!("rsa.pkcs8.pem"), file!("rsa.pkcs1.pem")] {
        assert_eq!(pem(form).fingerprint(), rsa.fingerprint());
    }
    let ec = jwk(file!("ec.jwk.json"));
    for form in [file!("ec.pkcs8.pem"), file!("ec.sec1.pem")] {
        assert_eq!(pem(form).fingerprint(), ec.fingerprint());
    }
    let ed = jwk(file!("ed25519.jwk.json"));
    assert_eq!(
        pem(file!("ed25519.pkcs8.pem")).fingerprint(),
        ed.fingerprint()
    );
    assert_ne!(ed.fingerprint(), ec.fingerprint());
}

#[test]
fn jwks_sign_what_others_verify() {
    let rsa = DecodingKey::from_rsa_pem(file!("rsa.public.pem").as_bytes()).unwrap();
    let ec = DecodingKey::from_ec_pem(file!("ec.public.pem").as_bytes()).unwrap();
    let ed = DecodingKey::from_ed_pem(file!("ed25519.public.pem").as_bytes()).unwrap();
    assert_verifies(jwk(file!("rsa.jwk.json")), &rsa);
    assert_verifies(jwk(file!("ec.jwk.json")), &ec);
    assert_verifies(jwk(file!("ed25519.jwk.json")), &ed);
}

#[test]
fn a_key_that_can_not_sign_here_is_a_config_error_with_advice() {
    let said = [
        file!("encrypted.pem"),
        file!("rsa.encrypted.pkcs1.pem"),
        file!("rsa1024.pkcs8.pem"),
        file!("p384.sec1.pem"),
        file!("ec.public.pem"),
    ]
    .map(|pem| {
        let error = SigningKey::from_pem(&pem.into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    });
    assert_snapshot!(said.join("\n"), @r#"
        the private key in the PEM text is encrypted; decrypt it with `openssl pkey -in key.pem -out plain.pem`, and keep the result as safe as a password
        the private key in the PEM text is encrypted; decrypt it with `openssl pkey -in key.pem -out plain.pem`, and keep the result as safe as a password
        the PEM text holds a private key that is damaged or can't sign here; use RSA with at least 2048 bits, EC on P-256, or Ed25519; `openssl pkey -in key.pem -noout -text_pub` shows what it is
        the PEM text holds a private key that is damaged or can't sign here; use RSA with at least 2048 bits, EC on P-256, or Ed25519; `openssl pkey -in key.pem -noout -text_pub` shows what it is
        the PEM text holds only the public half of a key; give the file with the private key
        "#);
}

#[test]
fn a_key_signs_only_with_its_own_algorithm() {
    for (key, wrong) in [
        (pem(file!("rsa.pkcs8.pem")), Algorithm::Es256),
        (pem(file!("ec.pkcs8.pem")), Algorithm::EdDsa),
        (pem(file!("ed25519.pkcs8.pem")), Algorithm::Hs256),
        (
            SigningKey::from_secret(&"x".into()).unwrap(),
            Algorithm::Rs256,
        ),
    ] {
        let error = key.with_algorithm(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(wrong.name()), "{error}");
    }
}

#[test]
fn a_key_prints_its_algorithm_its_id_and_a_fingerprint_only() {
    let key = SigningKey::from_secret(&"secret".into())
        .unwrap()
        .with_id("key1");
    let shown = format!("{key:?}");
    assert_eq!(
        shown,
        format!(
            "SigningKey {{ algorithm: Hs256, id: Some(\"key1\"), fingerprint: {}, .. }}",
            key.fingerprint()
        )
    );
}

#[test]
fn an_empty_secret_is_refused() {
    let error = SigningKey::from_secret(&"".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}
