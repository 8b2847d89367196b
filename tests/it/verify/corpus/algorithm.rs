//! What is signed in another way, or not at all.

use aws_lc_rs::hmac;
use serde_json::{Value, json};

use super::super::forge::{Forge, b64};
use super::super::{claims, merged};
use super::{Corpus, unsigned};

pub(super) fn add(corpus: &mut Corpus) {
    none(corpus);
    shared_secrets(corpus);
    others(corpus);
    signatures(corpus);
}

fn none(corpus: &mut Corpus) {
    for alg in ["none", "None", "NONE", "nOnE", "", "none\0"] {
        let token = unsigned(&json!({ "alg": alg, "kid": "r" }));
        corpus.refuse(format!("alg {alg:?}"), format!("{token}."));
    }
    let real = b64(corpus.rsa.sign(b"another message"));
    let token = unsigned(&json!({ "alg": "none", "kid": "r" }));
    corpus.refuse("none with a signature", format!("{token}.{real}"));
    for alg in [
        json!(null),
        json!(true),
        json!(0),
        json!([]),
        json!({}),
        json!(["RS256"]),
    ] {
        let mut header = corpus.rsa.header();
        header["alg"] = alg.clone();
        let token = corpus.rsa.with_header(&header, &claims());
        corpus.refuse(format!("alg {alg}"), token);
    }
    let token = corpus.rsa.with_header(&json!({ "kid": "r" }), &claims());
    corpus.refuse("no alg", token);
}

fn shared_secrets(corpus: &mut Corpus) {
    let text = |jwk: &Value, name: &str| jwk[name].as_str().unwrap().to_owned();
    let (rsa, ec, ed) = (corpus.rsa.jwk(), corpus.ec.jwk(), corpus.ed.jwk());
    let n = text(&rsa, "n");
    let der = [b"\x30\x82\x01\x0a\x02\x82\x01\x01\x00", n.as_bytes()].concat();
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        b64(&der)
    );
    let secrets: [(&str, &str, Vec<u8>); 9] = [
        ("a PEM file", "r", pem.into_bytes()),
        ("DER", "r", der),
        ("a JWK", "r", rsa.to_string().into_bytes()),
        ("a modulus", "r", n.clone().into_bytes()),
        ("an exponent", "r", text(&rsa, "e").into_bytes()),
        ("nothing", "r", Vec::new()),
        ("a coordinate", "e", text(&ec, "x").into_bytes()),
        ("an Ed25519 point", "d", text(&ed, "x").into_bytes()),
        ("a guess", "r", b"secret".to_vec()),
    ];
    let sign = |algorithm, alg: &str, kid: &str, secret: &[u8]| {
        let signed = unsigned(&json!({ "alg": alg, "kid": kid }));
        let tag = hmac::sign(&hmac::Key::new(algorithm, secret), signed.as_bytes());
        format!("{signed}.{}", b64(tag))
    };
    for (name, kid, secret) in secrets {
        let token = sign(hmac::HMAC_SHA256, "HS256", kid, &secret);
        corpus.refuse(format!("HS256 with {name}"), token);
    }
    let token = sign(hmac::HMAC_SHA256, "HS256", "s", &[7; 32]);
    let shared = json!({ "kty": "oct", "kid": "s", "alg": "HS256", "k": b64([7; 32]) });
    let keys = [corpus.keys(), vec![shared]].concat();
    corpus.case("HS256 with a published secret", keys, token, false);
    let token = sign(hmac::HMAC_SHA384, "HS384", "r", n.as_bytes());
    corpus.refuse("HS384 with a modulus", token);
    let token = sign(hmac::HMAC_SHA512, "HS512", "r", n.as_bytes());
    corpus.refuse("HS512 with a modulus", token);
}

fn others(corpus: &mut Corpus) {
    for alg in ["RS384", "RS512", "PS256"] {
        let forge = Forge::rsa("r").with_algorithm(alg);
        let keys = vec![forge.jwk()];
        corpus.case(
            format!("{alg} is not allowed"),
            keys,
            forge.token(&claims()),
            false,
        );
    }
    for forge in [Forge::p384("k"), Forge::p521("k")] {
        let keys = vec![forge.jwk()];
        let name = format!("{} is not allowed", forge.algorithm);
        corpus.case(name, keys, forge.token(&claims()), false);
    }
    for alg in ["rs256", "RS256 ", "RSA"] {
        let header = merged(corpus.rsa.header(), json!({ "alg": alg }));
        let token = corpus.rsa.with_header(&header, &claims());
        corpus.refuse(format!("alg {alg:?}"), token);
    }
    let header = json!({ "alg": "ES256", "kid": "r" });
    let token = corpus.rsa.with_header(&header, &claims());
    corpus.refuse("an RSA signature called ES256", token);
    let header = json!({ "alg": "RS256", "kid": "e" });
    let token = corpus.rsa.with_header(&header, &claims());
    corpus.refuse("the kid of a key of another kind", token);
}

fn signatures(corpus: &mut Corpus) {
    let signed = unsigned(&corpus.ec.header());
    corpus.refuse("zeros", format!("{signed}.{}", b64([0; 64])));
    let raw = corpus.ec.sign(signed.as_bytes());
    let integer = |number: &[u8]| {
        let body = [&[0], number].concat();
        let zeros = (0..body.len())
            .take_while(|&at| body[at] == 0 && body.get(at + 1).is_some_and(|&next| next < 0x80))
            .count();
        let body = &body[zeros..];
        [&[2, u8::try_from(body.len()).unwrap()], body].concat()
    };
    let body = [integer(&raw[..32]), integer(&raw[32..])].concat();
    let der = [&[0x30, u8::try_from(body.len()).unwrap()], &body[..]].concat();
    corpus.refuse("DER", format!("{signed}.{}", b64(der)));
    // The same number modulo the order of the group, which RFC 8032 §5.1.7 does not permit.
    let signed = unsigned(&corpus.ed.header());
    let mut other = corpus.ed.sign(signed.as_bytes());
    let mut carry = 0;
    for (byte, order) in other[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    corpus.refuse(
        "a second signature made of the first",
        format!("{signed}.{}", b64(other)),
    );
}

/// 2²⁵² + 27742317777372353535851937790883648493, the order of Ed25519's group, least byte first.
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];
