//! Rules 9 to 18: algorithms and signatures.

use auth_verify::RejectionKind::{AlgorithmNotAllowed, BadSignature, UnknownKey};
use auth_verify::{Algorithm, Issuer, KeySet, Verifier};
use aws_lc_rs::hmac;
use aws_lc_rs::signature::{ED25519, ParsedPublicKey};
use serde_json::{Value, json};

use super::forge::{Forge, b64};
use super::{
    AUDIENCE, ISSUER, assert_accepted, assert_refused, claims, issuer, keys, keys_of, timed,
    verifier,
};

fn all() -> [Forge; 10] {
    [
        Forge::rsa("RS256"),
        Forge::rsa("RS384").with_algorithm("RS384"),
        Forge::rsa("RS512").with_algorithm("RS512"),
        Forge::rsa("PS256").with_algorithm("PS256"),
        Forge::rsa("PS384").with_algorithm("PS384"),
        Forge::rsa("PS512").with_algorithm("PS512"),
        Forge::p256("ES256"),
        Forge::p384("ES384"),
        Forge::p521("ES512"),
        Forge::ed25519("EdDSA"),
    ]
}

fn open(forges: &[&Forge]) -> Verifier {
    timed(Verifier::new(
        issuer(keys(forges))
            .with_algorithms(Algorithm::ALL)
            .unwrap(),
    ))
}

#[test]
fn rule_10_each_algorithm_is_checked_and_an_altered_signature_is_not_accepted() {
    let forges = all();
    let checks = open(&forges.each_ref());
    for forge in &forges {
        let token = forge.token(&claims());
        assert_accepted(&checks, &token);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        for at in [0, signature.len() / 2] {
            let other = if &signature[at..=at] == "A" { "B" } else { "A" };
            let altered = format!("{}{other}{}", &signature[..at], &signature[at + 1..]);
            assert_refused(&checks, &format!("{signed}.{altered}"), BadSignature);
        }
        let mut other = claims();
        other["sub"] = "eve".into();
        let payload = b64(other.to_string());
        let header = token.split('.').next().unwrap();
        assert_refused(
            &checks,
            &format!("{header}.{payload}.{signature}"),
            BadSignature,
        );
    }
}

#[test]
fn rule_9_a_token_without_a_signature_is_never_accepted() {
    let forge = Forge::rsa("k");
    let checks = verifier(&[&forge]);
    let good = forge.token(&claims());
    let signature = good.rsplit('.').next().unwrap();
    for none in ["none", "None", "NONE", "nOnE", "", "none\0", "\0none"] {
        let header = json!({ "alg": none, "kid": "k" }).to_string();
        let signed = format!("{}.{}", b64(header), b64(claims().to_string()));
        assert!(super::check(&checks, &format!("{signed}.")).is_err());
        assert_refused(
            &checks,
            &format!("{signed}.{signature}"),
            AlgorithmNotAllowed,
        );
        assert_refused(&checks, &format!("{signed}.AA"), AlgorithmNotAllowed);
    }
    assert!("none".parse::<Algorithm>().is_err());
}

#[test]
fn rule_10_an_algorithm_that_is_not_on_the_list_is_refused_whatever_the_key_says() {
    let forges = all();
    let only = issuer(keys(&forges.each_ref()))
        .with_algorithms([Algorithm::Rs256])
        .unwrap();
    let checks = timed(Verifier::new(only));
    for forge in &forges {
        match forge.algorithm {
            "RS256" => drop(assert_accepted(&checks, &forge.token(&claims()))),
            _ => assert_refused(&checks, &forge.token(&claims()), AlgorithmNotAllowed),
        }
    }
}

#[test]
fn rule_11_a_key_is_for_one_algorithm() {
    let signs = Forge::rsa("k").with_algorithm("RS256");
    let published = Forge::rsa("k").with_algorithm("RS512");
    assert_refused(
        &open(&[&published]),
        &signs.token(&claims()),
        AlgorithmNotAllowed,
    );

    // Without `alg` the profile decides: RS256, unless somebody says otherwise.
    let mut jwk = signs.jwk();
    jwk.as_object_mut().unwrap().remove("alg");
    let unnamed = keys_of(std::slice::from_ref(&jwk));
    let checks = issuer(unnamed).with_algorithms(Algorithm::ALL).unwrap();
    let checks = timed(Verifier::new(checks));
    assert_accepted(&checks, &signs.token(&claims()));
    for other in ["RS384", "RS512", "PS256"] {
        let token = Forge::rsa("k").with_algorithm(other).token(&claims());
        assert_refused(&checks, &token, AlgorithmNotAllowed);
    }
}

#[test]
fn rule_12_a_public_key_is_no_shared_secret() {
    let (rsa, ec, ed) = (Forge::rsa("r"), Forge::p256("e"), Forge::ed25519("d"));
    let mut shared = json!({ "kty": "oct", "kid": "s", "alg": "HS256", "k": b64([7; 32]) });
    let list = [rsa.jwk(), ec.jwk(), ed.jwk(), shared.clone()];
    let checks = issuer(keys_of(&list))
        .with_algorithms(Algorithm::ALL)
        .unwrap();
    let checks = timed(Verifier::new(checks));
    let secrets: Vec<(&str, Vec<u8>)> = vec![
        ("r", rsa.jwk().to_string().into_bytes()),
        ("r", rsa.jwk()["n"].as_str().unwrap().as_bytes().to_vec()),
        ("e", ec.jwk()["x"].as_str().unwrap().as_bytes().to_vec()),
        ("d", ed.jwk()["x"].as_str().unwrap().as_bytes().to_vec()),
        ("r", Vec::new()),
        ("s", vec![7; 32]),
    ];
    for (id, secret) in secrets {
        let header = json!({ "alg": "HS256", "kid": id, "typ": "JWT" }).to_string();
        let signed = format!("{}.{}", b64(header), b64(claims().to_string()));
        let key = hmac::Key::new(hmac::HMAC_SHA256, &secret);
        let tag = b64(hmac::sign(&key, signed.as_bytes()));
        assert_refused(&checks, &format!("{signed}.{tag}"), AlgorithmNotAllowed);
    }
    // A set of shared secrets alone is no set of keys.
    shared["alg"] = Value::Null;
    assert!(KeySet::from_jwks(json!({ "keys": [shared] }).to_string()).is_err());
}

#[test]
fn rule_13_an_ecdsa_signature_has_a_fixed_length_and_no_zeros() {
    for forge in [Forge::p256("k"), Forge::p384("k"), Forge::p521("k")] {
        let checks = open(&[&forge]);
        let token = forge.token(&claims());
        let (signed, _) = token.rsplit_once('.').unwrap();
        let raw = forge.sign(signed.as_bytes());
        let half = raw.len() / 2;
        let der = der_of(&raw[..half], &raw[half..]);
        for bad in [
            vec![0; raw.len()],
            vec![0xff; raw.len()],
            [&vec![0; half], &raw[half..]].concat(),
            [&raw[..half], &vec![0; half]].concat(),
            raw[..raw.len() - 1].to_vec(),
            [&raw[..], &[0]].concat(),
            vec![1; 10_000],
            der,
        ] {
            assert_refused(&checks, &format!("{signed}.{}", b64(bad)), BadSignature);
        }
    }
}

fn der_of(r: &[u8], s: &[u8]) -> Vec<u8> {
    let integer = |number: &[u8]| {
        let zeros = number.iter().take_while(|&&byte| byte == 0).count();
        let mut body = number[zeros..].to_vec();
        if body[0] >= 0x80 {
            body.insert(0, 0);
        }
        [&[2, u8::try_from(body.len()).unwrap()], &body[..]].concat()
    };
    let body = [integer(r), integer(s)].concat();
    [&[0x30, u8::try_from(body.len()).unwrap_or(0x81)], &body[..]].concat()
}

#[test]
fn rule_14_pss_and_pkcs1_are_not_mixed_up() {
    let pss = Forge::rsa("k").with_algorithm("PS256");
    let pkcs1 = Forge::rsa("k");
    let (checks, good) = (open(&[&pss]), pss.token(&claims()));
    assert_accepted(&checks, &good);
    let (signed, _) = good.rsplit_once('.').unwrap();
    let bad = format!("{signed}.{}", b64(pkcs1.sign(signed.as_bytes())));
    assert_refused(&checks, &bad, BadSignature);
}

#[test]
fn rule_15_a_weak_rsa_key_is_not_used() {
    let good = Forge::rsa("k").jwk();
    let n = || good["n"].as_str().unwrap();
    let with = |n: &str, e: &str| {
        let mut jwk = good.clone();
        jwk["n"] = n.into();
        jwk["e"] = e.into();
        KeySet::from_jwks(json!({ "keys": [jwk] }).to_string()).is_ok()
    };
    let odd = |bytes: usize| {
        let mut number = vec![0xc3; bytes];
        number[bytes - 1] |= 1;
        b64(number)
    };
    assert!(with(n(), "AQAB"));
    assert!(with(n(), "Aw"), "the exponent 3 is not forbidden");
    assert!(with(&odd(256), "AQAB") && with(&odd(1024), "AQAB"));
    assert!(!with(&odd(128), "AQAB"), "1024 bits");
    assert!(!with(&odd(255), "AQAB"), "2040 bits");
    assert!(!with(&odd(2048), "AQAB"), "16384 bits");
    assert!(!with(&b64([0xc2; 256]), "AQAB"), "an even modulus");
    for e in ["AQ", "Ag", "AA", "", "AQAAAAE", &b64([0xc3; 256])] {
        assert!(!with(n(), e), "the exponent {e}");
    }
}

#[test]
fn rule_16_point_curve_type_and_algorithm_of_a_key_agree() {
    let (good, ed) = (Forge::p256("k").jwk(), Forge::ed25519("k").jwk());
    let usable = |jwk: &Value, name: &str, value: Value| {
        let mut jwk = jwk.clone();
        jwk[name] = value;
        KeySet::from_jwks(json!({ "keys": [jwk] }).to_string()).is_ok()
    };
    assert!(usable(&good, "x5t", json!("any")));
    for (name, value) in [
        ("crv", json!("P-384")),
        ("crv", json!("secp256k1")),
        ("crv", json!("Ed25519")),
        ("crv", json!(7)),
        ("kty", json!("RSA")),
        ("kty", json!("OKP")),
        ("kty", json!("oct")),
        ("alg", json!("ES384")),
        ("alg", json!("RS256")),
        ("alg", json!("none")),
        ("alg", json!("ES521")),
        ("x", good["y"].clone()),
        ("y", json!(b64([1; 32]))),
        ("y", json!(b64([1; 31]))),
        ("y", json!(format!("{}=", good["y"].as_str().unwrap()))),
    ] {
        assert!(!usable(&good, name, value.clone()), "{name} {value}");
    }
    assert!(usable(&ed, "x5t", json!("any")));
    for (name, value) in [
        ("crv", json!("X25519")),
        ("crv", json!("Ed448")),
        ("x", json!("AA")),
    ] {
        assert!(!usable(&ed, name, value.clone()), "{name} {value}");
    }
}

/// The points of Ed25519 whose order divides eight, least byte of `y` first: the neutral one, the one of
/// order two, two of order four and four of order eight. The top bit is the sign of `x`.
const SMALL_ORDER: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000000",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "0000000000000000000000000000000000000000000000000000000000000000",
    "0000000000000000000000000000000000000000000000000000000000000080",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
];

/// The same points, and sound ones, in spellings that RFC 8032 §5.1.3 does not permit: `y` of at least
/// 2²⁵⁵ − 19, or a sign for an `x` of zero.
const ODDLY_SPELLED: [&str; 8] = [
    "0100000000000000000000000000000000000000000000000000000000000080",
    "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    "f0ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
];

fn bytes_of(hex: &str) -> Vec<u8> {
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap())
        .collect()
}

#[test]
fn rule_16_a_key_with_which_anybody_can_sign_is_not_used() {
    // A signature that needs no key: the neutral point and zero.
    let nobodys = [bytes_of(SMALL_ORDER[0]), vec![0; 32]].concat();
    let usable = |x: &[u8]| {
        let jwk = json!({ "kty": "OKP", "crv": "Ed25519", "kid": "k", "x": b64(x) });
        KeySet::from_jwks(json!({ "keys": [jwk] }).to_string()).is_ok()
    };
    for point in SMALL_ORDER {
        let x = bytes_of(point);
        let key = ParsedPublicKey::new(&ED25519, &x).unwrap();
        let holds = |number: u32| key.verify_sig(&number.to_be_bytes(), &nobodys).is_ok();
        assert!((0..200).any(holds), "{point}: signed by nobody");
        assert!(!usable(&x), "{point}");
    }
    for point in ODDLY_SPELLED {
        assert!(!usable(&bytes_of(point)), "{point}");
    }
    // The same `y` below the prime, and the largest one that is no point of small order.
    for sound in [
        "0300000000000000000000000000000000000000000000000000000000000000",
        "0300000000000000000000000000000000000000000000000000000000000080",
        "eaffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
    ] {
        assert!(usable(&bytes_of(sound)), "{sound}");
    }
}

#[test]
fn rule_17_ed25519_has_two_names_and_newer_kinds_of_keys_are_passed_over() {
    let forge = Forge::ed25519("k");
    let newer = json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "pq", "pub": "AAAA" });
    for name in ["EdDSA", "Ed25519"] {
        for published in ["EdDSA", "Ed25519"] {
            let mut jwk = forge.jwk();
            jwk["alg"] = published.into();
            let checks = timed(Verifier::new(issuer(keys_of(&[newer.clone(), jwk]))));
            let header = json!({ "alg": name, "kid": "k" });
            assert_accepted(&checks, &forge.with_header(&header, &claims()));
            let header = json!({ "alg": name, "kid": "pq" });
            assert_refused(&checks, &forge.with_header(&header, &claims()), UnknownKey);
        }
    }
}

#[test]
fn rule_66_a_list_of_no_algorithms_is_no_list() {
    let forge = Forge::rsa("k");
    let issuer = Issuer::new(ISSUER, AUDIENCE, keys(&[&forge])).unwrap();
    assert!(issuer.with_algorithms([]).is_err());
}
