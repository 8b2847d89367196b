//! What must not be refused.

use serde_json::json;

use super::super::forge::Forge;
use super::super::{AUDIENCE, claims, merged, now, with};
use super::Corpus;

pub(super) fn add(corpus: &mut Corpus) {
    let good = claims();
    for forge in [Forge::rsa("r"), Forge::p256("e"), Forge::ed25519("d")] {
        let name = format!("signed with {}", forge.algorithm);
        corpus.case(name, vec![forge.jwk()], forge.token(&good), true);
    }
    let named = corpus
        .ed
        .with_header(&json!({ "alg": "Ed25519", "kid": "d" }), &good);
    corpus.accept("the newer name of EdDSA", named);
    for aud in [json!([AUDIENCE]), json!(["other", AUDIENCE])] {
        let token = corpus.rsa.token(&with(json!({ "aud": aud })));
        corpus.accept(format!("aud {aud}"), token);
    }
    for typ in [json!("at+jwt"), json!("application/at+jwt"), json!(null)] {
        let header = merged(corpus.rsa.header(), json!({ "typ": typ }));
        corpus.accept(format!("typ {typ}"), corpus.rsa.with_header(&header, &good));
    }
    let (rsa, ec) = (corpus.rsa.jwk(), corpus.ec.jwk());
    let nameless = corpus.rsa.with_header(&json!({ "alg": "RS256" }), &good);
    corpus.case("no kid and one key", vec![rsa.clone()], nameless, true);
    let silent = merged(rsa.clone(), json!({ "alg": null }));
    let token = corpus.rsa.token(&good);
    corpus.case("a key without alg", vec![silent], token.clone(), true);
    let broken = vec![
        json!({ "kty": "RSA" }),
        json!("text"),
        json!(null),
        rsa.clone(),
    ];
    corpus.case("broken entries beside the key", broken, token.clone(), true);
    let encryption = merged(rsa.clone(), json!({ "use": "enc", "alg": "RSA-OAEP" }));
    let both = vec![encryption, rsa.clone()];
    corpus.case(
        "an encryption key of the same kid",
        both,
        token.clone(),
        true,
    );
    let other = merged(ec, json!({ "kid": "r" }));
    corpus.case("an EC key of the same kid", vec![other, rsa], token, true);
    let token = corpus.ec.token(&with(json!({ "exp": now() as f64 + 0.5 })));
    corpus.accept("exp with a fraction", token);
    let more = json!({ "x5t": "AA", "x5c": ["MAA="], "jku": "https://a.b", "unknown": { "a": 1 } });
    let header = merged(corpus.ec.header(), more);
    corpus.accept(
        "members that are not ours",
        corpus.ec.with_header(&header, &good),
    );
    let escaped = good
        .to_string()
        .replace("\"ada\"", "\"\\u0061da\\ud83e\\udd80 \u{e9}\"");
    corpus.accept("escapes", corpus.ed.of_payload(escaped));
}
