//! Keys that are published as a certificate alone, which is an opt-in.

use auth_core::{Io, Provider};
use auth_testkit::{Fault, Server, TestClock};
use auth_verify::{KeySet, Keys, RejectionKind, Verifier};
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use serde_json::{Value, json};

use super::{assert_accepted, assert_refused, claims, issuer, merged, timed};

const RSA: &str = include_str!("../testkit/entra/rsa.cert.pem");
const EC: &str = include_str!("certificates/ec.pem");
const ED25519: &str = include_str!("certificates/ed25519.pem");
const RSA_KEY: &str = include_str!("../jwt_bearer/keys/rsa.pkcs8.pem");
const EC_KEY: &str = include_str!("../jwt_bearer/keys/ec.pkcs8.pem");
const ED25519_KEY: &str = include_str!("../jwt_bearer/keys/ed25519.pkcs8.pem");

/// The text of a certificate as `x5c` has it.
fn x5c(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

fn entry(pem: &str) -> Value {
    json!({ "kid": "k", "use": "sig", "x5c": [x5c(pem), x5c(RSA)] })
}

fn document(entry: Value) -> String {
    json!({ "keys": [entry] }).to_string()
}

fn token(algorithm: Algorithm, key: &EncodingKey) -> String {
    let mut header = Header::new(algorithm);
    header.kid = Some("k".to_owned());
    encode(&header, &claims(), key).unwrap()
}

fn tokens() -> [(&'static str, &'static str, String); 3] {
    let rsa = EncodingKey::from_rsa_pem(RSA_KEY.as_bytes()).unwrap();
    let ec = EncodingKey::from_ec_pem(EC_KEY.as_bytes()).unwrap();
    let ed25519 = EncodingKey::from_ed_pem(ED25519_KEY.as_bytes()).unwrap();
    [
        ("RSA", RSA, token(Algorithm::RS256, &rsa)),
        ("EC", EC, token(Algorithm::ES256, &ec)),
        ("OKP", ED25519, token(Algorithm::EdDSA, &ed25519)),
    ]
}

fn checks(set: KeySet) -> Verifier {
    timed(Verifier::new(issuer(Keys::fixed(set))))
}

#[test]
fn a_certificate_alone_is_a_key_for_who_asks_for_it_and_for_nobody_else() {
    let all = tokens();
    for (kind, pem, good) in &all {
        let error = KeySet::from_jwks(document(entry(pem))).unwrap_err();
        assert!(
            error.to_string().contains("with_keys_in_certificates"),
            "{error}"
        );
        for said in [
            json!({}),
            json!({ "kty": kind }),
            json!({ "key_ops": ["verify"] }),
        ] {
            let said = merged(entry(pem), said);
            let set = KeySet::from_jwks_with_certificates(document(said)).unwrap();
            let checks = checks(set);
            assert_accepted(&checks, good);
            for (other, _, token) in all.iter().filter(|(other, ..)| other != kind) {
                let refused = super::check(&checks, token).unwrap_err();
                assert_eq!(refused, RejectionKind::AlgorithmNotAllowed, "{other}");
            }
        }
    }
}

#[test]
fn what_is_said_of_such_a_key_counts_as_for_any_other() {
    for said in [
        json!({ "kty": "oct" }),
        json!({ "kty": "EC" }),
        json!({ "alg": "ES256" }),
        json!({ "alg": "HS256" }),
        json!({ "use": "enc" }),
        json!({ "key_ops": ["encrypt"] }),
        json!({ "d": "AQAB" }),
        json!({ "x5c": [] }),
        json!({ "x5c": x5c(RSA) }),
        json!({ "x5c": ["MIIB"] }),
        json!({ "x5c": [x5c(RSA).replace('A', "-")] }),
    ] {
        let document = document(merged(entry(RSA), said.clone()));
        assert!(
            KeySet::from_jwks_with_certificates(document).is_err(),
            "{said}"
        );
    }
    // A key of its own is the key, whatever certificate is beside it.
    let forge = super::forge::Forge::rsa("k");
    let beside = merged(forge.jwk(), json!({ "x5c": [x5c(RSA)] }));
    let set = KeySet::from_jwks_with_certificates(document(beside)).unwrap();
    let checks = checks(set);
    assert_accepted(&checks, &forge.token(&claims()));
    assert_refused(&checks, &tokens()[0].2, RejectionKind::BadSignature);
}

#[test]
fn a_damaged_certificate_is_left_out() {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    for pem in [RSA, EC, ED25519] {
        let der = STANDARD.decode(x5c(pem)).unwrap();
        for end in 0..der.len() {
            let entry = json!({ "x5c": [STANDARD.encode(&der[..end])] });
            assert!(
                KeySet::from_jwks_with_certificates(document(entry)).is_err(),
                "{end}"
            );
        }
        // Whatever byte is changed, nothing panics, and what is read signs nothing new.
        for at in 0..der.len().min(700) {
            let mut der = der.clone();
            der[at] ^= 0xff;
            let entry = json!({ "x5c": [STANDARD.encode(der)] });
            let _ = KeySet::from_jwks_with_certificates(document(entry));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn keys_that_are_fetched_are_read_as_was_asked() {
    let server = Server::new(TestClock::new());
    let published = Fault::status(200).with_body("application/json", document(entry(EC)));
    server.fault("/keys", published.always());
    let keys = || Keys::at(server.url("/keys"), server.io()).unwrap();
    keys().warm_up().await.unwrap_err();
    let keys = keys().with_keys_in_certificates().unwrap();
    let checks = timed(Verifier::new(issuer(keys)));
    let token = &tokens()[1].2;
    checks
        .verify(auth_verify::Bearer::new(token))
        .await
        .unwrap();
    let provider = Provider::new("https://issuer.test", Io::new()).unwrap();
    assert!(
        Keys::discovered(provider)
            .with_keys_in_certificates()
            .is_ok()
    );
    let fixed = Keys::fixed(KeySet::from_jwks_with_certificates(document(entry(EC))).unwrap());
    assert!(fixed.with_keys_in_certificates().is_err());
}
