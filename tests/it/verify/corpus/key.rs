//! What is signed with another key than the one that counts.

use serde_json::{Value, json};

use super::super::forge::{Forge, b64};
use super::super::{claims, merged};
use super::{Corpus, unsigned};

pub(super) fn add(corpus: &mut Corpus) {
    embedded(corpus);
    ids(corpus);
    unfit(corpus);
    weak(corpus);
    let (rsa, longer) = (corpus.rsa.jwk(), json!({ "alg": "RS512" }));
    let keys = vec![merged(rsa.clone(), longer), rsa.clone()];
    let token = corpus.rsa.token(&claims());
    corpus.case("one kid, two algorithms", keys, token.clone(), true);
    let newer = json!({ "kty": "AKP", "alg": "ML-DSA-65", "kid": "r", "pub": "AAAA" });
    corpus.case("a key of a newer kind", vec![newer, rsa], token, true);
}

/// The key comes with the token, or somebody else's has the right name.
fn embedded(corpus: &mut Corpus) {
    let evil = Forge::other_rsa("evil");
    for header in [
        json!({ "alg": "RS256", "jwk": evil.jwk() }),
        json!({ "alg": "RS256", "kid": "r", "jwk": evil.jwk() }),
        json!({ "alg": "RS256", "kid": "evil", "jku": "https://evil.test/jwks" }),
        json!({ "alg": "RS256", "kid": "evil", "x5u": "https://evil.test/cert" }),
        json!({ "alg": "RS256", "kid": "evil", "x5c": ["MIIB"] }),
    ] {
        corpus.refuse(header.to_string(), evil.with_header(&header, &claims()));
    }
    for evil in [Forge::other_rsa("r"), Forge::p256("e"), Forge::ed25519("d")] {
        let name = format!("{} with somebody else's key", evil.algorithm);
        corpus.refuse(name, evil.token(&claims()));
    }
}

fn ids(corpus: &mut Corpus) {
    let named = |id: Value| {
        let header = json!({ "alg": "RS256", "kid": id });
        Forge::rsa("r").with_header(&header, &claims())
    };
    for id in [
        "other",
        "",
        "R",
        "r ",
        " r",
        "r\0",
        "r\n",
        "../../r",
        "' OR 1=1 --",
        "__proto__",
        "*",
    ] {
        corpus.refuse(format!("kid {id:?}"), named(id.into()));
    }
    for length in [257, 1 << 20] {
        corpus.refuse(
            format!("a kid of {length} bytes"),
            named("r".repeat(length).into()),
        );
    }
    for id in [json!(null), json!(0), json!(["r"]), json!({}), json!(true)] {
        corpus.refuse(format!("kid {id}"), named(id));
    }
    let (first, second) = (Forge::ed25519("1"), Forge::ed25519("2"));
    let token = first.with_header(&json!({ "alg": "EdDSA" }), &claims());
    corpus.case(
        "no kid and two keys",
        vec![first.jwk(), second.jwk()],
        token,
        false,
    );
}

/// The key is the right one, and is for something else.
fn unfit(corpus: &mut Corpus) {
    let spare = corpus.ed.jwk();
    let (rsa, token) = (corpus.rsa.jwk(), corpus.rsa.token(&claims()));
    for change in [
        json!({ "use": "enc" }),
        json!({ "use": null, "key_ops": ["sign"] }),
        json!({ "use": null, "key_ops": ["sign", "deriveKey"] }),
        json!({ "alg": "RS512" }),
        json!({ "kty": "EC" }),
        json!({ "d": "AQ" }),
    ] {
        let key = merged(rsa.clone(), change.clone());
        corpus.case(
            change.to_string(),
            vec![key, spare.clone()],
            token.clone(),
            false,
        );
    }
    let label = merged(corpus.ec.jwk(), json!({ "crv": "P-384" }));
    let token = corpus.ec.token(&claims());
    corpus.case("a P-256 key called P-384", vec![label, spare], token, false);
}

/// Anybody can sign for these keys.
fn weak(corpus: &mut Corpus) {
    let (spare, signed) = (corpus.ec.jwk(), unsigned(&corpus.rsa.header()));
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, signed.as_bytes());
    const PREFIX: [u8; 19] = [
        0x30, 0x31, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01,
        0x05, 0x00, 0x04, 0x20,
    ];
    let padding = vec![0xff; 256 - 3 - PREFIX.len() - 32];
    let padded = [&[0, 1], &padding[..], &[0], &PREFIX, digest.as_ref()].concat();
    let token = format!("{signed}.{}", b64(padded));
    let one = merged(corpus.rsa.jwk(), json!({ "e": "AQ" }));
    corpus.case("the exponent 1", vec![one, spare.clone()], token, false);

    let signed = unsigned(&corpus.ed.header());
    let nobodys = format!("{signed}.{}", b64([&[1], &[0; 63][..]].concat()));
    let neutral = merged(
        corpus.ed.jwk(),
        json!({ "x": b64([&[1], &[0; 31][..]].concat()) }),
    );
    corpus.case("a point of order one", vec![neutral, spare], nobodys, false);
}
