//! Keys in every form, and what they sign.

use std::time::{Duration, SystemTime};

use auth_core::ErrorKind;
use auth_core::assertion::{Algorithm, Assertion, SigningKey};
use insta::assert_snapshot;
use jsonwebtoken::{DecodingKey, Validation, decode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use super::{read, ready, shared};

macro_rules! file {
    ($name:literal) => {
        include_str!(concat!("keys/", $name))
    };
}

fn of(text: &str) -> SigningKey {
    SigningKey::new(SecretString::from(text))
}

/// Checks an assertion by `key` with another reader than ours.
async fn assert_verifies(key: SigningKey, public: &DecodingKey) {
    let assertion = Assertion::new("me", key.with_id("7")).with_audience("api");
    let assertion = ready(assertion).await;
    let name = assertion.key().algorithm().unwrap().name();
    let algorithm: jsonwebtoken::Algorithm = name.parse().unwrap();
    let mut rules = Validation::new(algorithm);
    rules.set_audience(&["api"]);
    rules.set_issuer(&["me"]);
    rules.validate_exp = false;
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_005);
    let token = assertion.signed_at(now).unwrap();
    let checked = decode::<Value>(token.expose_secret(), public, &rules).unwrap();
    assert_eq!(checked.header.kid.as_deref(), Some("7"));
    assert_eq!(checked.claims["exp"], 1_700_003_600);
}

#[tokio::test]
async fn each_algorithm_signs_what_others_verify() {
    assert_verifies(shared("secret"), &DecodingKey::from_secret(b"secret")).await;

    let public = DecodingKey::from_rsa_pem(file!("rsa.public.pem").as_bytes()).unwrap();
    for key in [file!("rsa.pkcs8.pem"), file!("rsa.pkcs1.pem")].map(of) {
        assert_eq!(algorithm(&key).await, Algorithm::Rs256);
        let pss = key.clone().with_algorithm(Algorithm::Ps256);
        assert_verifies(key, &public).await;
        assert_verifies(pss, &public).await;
    }

    let public = DecodingKey::from_ec_pem(file!("ec.public.pem").as_bytes()).unwrap();
    for key in [file!("ec.pkcs8.pem"), file!("ec.sec1.pem")].map(of) {
        assert_eq!(algorithm(&key).await, Algorithm::Es256);
        assert_verifies(key, &public).await;
    }

    let public = DecodingKey::from_ed_pem(file!("ed25519.public.pem").as_bytes()).unwrap();
    let key = of(file!("ed25519.pkcs8.pem"));
    assert_eq!(algorithm(&key).await, Algorithm::EdDsa);
    assert_verifies(key, &public).await;
}

async fn algorithm(key: &SigningKey) -> Algorithm {
    read(key.clone()).await.unwrap().algorithm().unwrap()
}

#[tokio::test]
async fn a_key_is_the_same_in_every_form() {
    let fingerprint = async |text| read(of(text)).await.unwrap().fingerprint().unwrap();
    let rsa = read(of(file!("rsa.jwk.json"))).await.unwrap();
    assert_eq!(
        (rsa.id(), rsa.algorithm()),
        (Some("rsa-1"), Some(Algorithm::Ps256))
    );
    for form in [file!("rsa.pkcs8.pem"), file!("rsa.pkcs1.pem")] {
        assert_eq!(Some(fingerprint(form).await), rsa.fingerprint());
    }
    let ec = fingerprint(file!("ec.jwk.json")).await;
    for form in [file!("ec.pkcs8.pem"), file!("ec.sec1.pem")] {
        assert_eq!(fingerprint(form).await, ec);
    }
    let ed = fingerprint(file!("ed25519.jwk.json")).await;
    assert_eq!(fingerprint(file!("ed25519.pkcs8.pem")).await, ed);
    assert_ne!(ed, ec);
}

#[tokio::test]
async fn jwks_sign_what_others_verify() {
    let rsa = DecodingKey::from_rsa_pem(file!("rsa.public.pem").as_bytes()).unwrap();
    let ec = DecodingKey::from_ec_pem(file!("ec.public.pem").as_bytes()).unwrap();
    let ed = DecodingKey::from_ed_pem(file!("ed25519.public.pem").as_bytes()).unwrap();
    assert_verifies(of(file!("rsa.jwk.json")), &rsa).await;
    assert_verifies(of(file!("ec.jwk.json")), &ec).await;
    assert_verifies(of(file!("ed25519.jwk.json")), &ed).await;
}

#[tokio::test]
async fn a_key_that_can_not_sign_here_is_a_config_error_with_advice() {
    let encrypted = file!("encrypted.pem");
    let mut said = Vec::new();
    for key in [
        of(encrypted).with_name("`key` of profile `robot`"),
        of(file!("rsa.encrypted.pkcs1.pem")),
        of(file!("rsa1024.pkcs8.pem")),
        of(file!("ec.public.pem")),
        of("canary"),
        of("canary").with_algorithm(Algorithm::Rs256),
        of("{canary}"),
        shared(""),
    ] {
        let error = read(key).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        said.push(error.to_string());
    }
    assert_snapshot!(said.join("\n"), @r#"
        `key` of profile `robot`: the private key in the PEM text is encrypted; decrypt it with `openssl pkey -in key.pem -out plain.pem`, and keep the result as safe as a password
        the private key in the PEM text is encrypted; decrypt it with `openssl pkey -in key.pem -out plain.pem`, and keep the result as safe as a password
        the PEM text holds a private key that is damaged or can't sign here; use RSA with at least 2048 bits, EC on P-256, P-384 or P-521, or Ed25519; `openssl pkey -in key.pem -noout -text_pub` shows what it is
        the PEM text holds only the public half of a key; give the file with the private key
        the key is neither PEM nor a JSON Web Key; if it is a shared secret, add `algorithm = "HS256"`
        the key is neither PEM nor a JSON Web Key; give the private key; a shared secret signs with HS256 only
        the JWK is not the JSON of a single key (line 1, column 2); of a key set, give the one key in `keys` that is to sign
        the secret that signs assertions is empty
        "#);
}

#[tokio::test]
async fn a_key_signs_only_with_its_own_algorithm() {
    for (key, wrong) in [
        (of(file!("rsa.pkcs8.pem")), Algorithm::Es256),
        (of(file!("ec.pkcs8.pem")), Algorithm::EdDsa),
        // The text of a private key is never taken for a secret that both sides know.
        (of(file!("ed25519.pkcs8.pem")), Algorithm::Hs256),
        (of(file!("rsa.jwk.json")), Algorithm::Hs256),
    ] {
        let error = read(key.with_algorithm(wrong)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(wrong.name()), "{error}");
    }
}

#[tokio::test]
async fn what_stands_around_a_key_does_not_matter() {
    let pem = file!("ec.pkcs8.pem");
    let attributes = format!("Bag Attributes\n    friendlyName: robot\n{pem}");
    let jwk = format!("\u{feff}\n {}", file!("ec.jwk.json"));
    for text in [&attributes, &jwk] {
        assert_eq!(algorithm(&of(text)).await, Algorithm::Es256);
    }
}

#[tokio::test]
async fn a_shared_secret_may_begin_with_a_brace() {
    assert_eq!(algorithm(&shared("{x7Qp")).await, Algorithm::Hs256);
}

#[tokio::test]
async fn a_key_prints_its_algorithm_its_id_and_a_fingerprint_only() {
    let key = shared("secret").with_id("key1");
    assert_eq!(
        format!("{key:?}"),
        "SigningKey { algorithm: Some(Hs256), id: Some(\"key1\"), fingerprint: None, .. }"
    );
    let key = read(key).await.unwrap();
    let fingerprint = key.fingerprint().unwrap();
    assert!(format!("{key:?}").contains(&format!("fingerprint: Some({fingerprint}), ..")));
}

/// Checks an assertion by `key` with our own verifier: jsonwebtoken does not know ES512.
async fn assert_signs(key: SigningKey, jwk: &Value, name: &str) {
    let assertion = ready(Assertion::new("me", key).with_audience("api")).await;
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_005);
    let token = assertion.signed_at(now).unwrap();
    let mut jwk = jwk.clone();
    jwk["alg"] = name.into();
    let set = serde_json::json!({ "keys": [jwk] }).to_string();
    let set = auth_verify::KeySet::from_jwks(set).unwrap();
    let payload = set.check_document(token.expose_secret(), &[name.parse().unwrap()]);
    let claims: Value = serde_json::from_slice(&payload.unwrap()).unwrap();
    assert_eq!(claims["iss"], "me", "{name}");
}

#[tokio::test]
async fn rfc7518_s3_1_rsa_and_ec_keys_sign_with_384_and_512_too() {
    use aws_lc_rs::encoding::{AsBigEndian, EcPrivateKeyBin};
    use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair as _};
    use base64::Engine as _;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

    let b64 = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
    let private: Value = serde_json::from_str(file!("rsa.jwk.json")).unwrap();
    let public = serde_json::json!({ "kty": "RSA", "n": private["n"], "e": private["e"] });
    for name in ["RS384", "RS512", "PS384", "PS512"] {
        let key = of(file!("rsa.pkcs8.pem")).with_algorithm(name.parse().unwrap());
        assert_signs(key, &public, name).await;
    }
    let known = of(file!("p384.sec1.pem"));
    assert_eq!(self::algorithm(&known).await, Algorithm::Es384);
    for (name, curve, algorithm) in [
        (
            "ES384",
            "P-384",
            &signature::ECDSA_P384_SHA384_FIXED_SIGNING,
        ),
        (
            "ES512",
            "P-521",
            &signature::ECDSA_P521_SHA512_FIXED_SIGNING,
        ),
    ] {
        let pair = EcdsaKeyPair::generate(algorithm).unwrap();
        let point = &pair.public_key().as_ref()[1..];
        let (x, y) = point.split_at(point.len() / 2);
        let mut jwk = serde_json::json!({ "kty": "EC", "crv": curve, "x": b64(x), "y": b64(y) });
        let pkcs8 = pair.to_pkcs8v1().unwrap();
        let body = STANDARD.encode(pkcs8.as_ref());
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
        assert_signs(of(&pem), &jwk, name).await;
        let secret: EcPrivateKeyBin<'_> = pair.private_key().as_be_bytes().unwrap();
        let public = jwk.clone();
        jwk["d"] = b64(secret.as_ref()).into();
        assert_signs(of(&jwk.to_string()), &public, name).await;
    }
}

#[tokio::test]
async fn a_pem_key_is_read_however_it_was_handed_on() {
    let pem = file!("ec.pkcs8.pem");
    let one_line = pem.trim().replace('\n', "\\n");
    for text in [
        format!("\u{feff}{pem}"),
        pem.replace('\n', "\n      "),
        one_line.clone(),
        format!("\"{one_line}\""),
        pem.replace('\n', " "),
        base64::Engine::encode(&base64::engine::general_purpose::STANDARD, pem),
    ] {
        assert_eq!(algorithm(&of(&text)).await, Algorithm::Es256, "{text}");
    }
}
