//! What is signed well and says the wrong thing.

use serde_json::{Value, json};

use super::super::{AUDIENCE, ISSUER, now, with};
use super::{Asked, Corpus};

pub(super) fn add(corpus: &mut Corpus) {
    for name in ["iss", "aud", "exp"] {
        let token = corpus.ed.token(&with(json!({ name: null })));
        corpus.refuse(format!("no {name}"), token);
    }
    issuers_and_audiences(corpus);
    times(corpus);
    for (name, value) in [
        ("sub", json!(1)),
        ("sub", json!(null)),
        ("sub", json!([])),
        ("sub", json!("")),
        ("sub", json!({})),
        ("sub", json!(true)),
        ("typ", json!("ID")),
        ("typ", json!("Refresh")),
        ("typ", json!("Offline")),
        ("typ", json!("Logout")),
        ("at_hash", json!("AAAA")),
        ("cnf", json!({ "jkt": "AAAA" })),
        ("azp", json!(1)),
    ] {
        saying(corpus, name, value);
    }
    for (asked, name, value) in [
        (Asked::Role("Admin"), "roles", json!("Admin")),
        (Asked::Role("Admin"), "roles", json!(["Admin", null])),
        (Asked::Scope("read"), "scope", json!(["read", 1])),
        (Asked::Scope("read"), "scp", json!(["read", 1])),
    ] {
        let token = corpus.ed.token(&with(json!({ name: value })));
        corpus.refuse_under(asked, format!("{name} {value}"), token);
    }
}

fn issuers_and_audiences(corpus: &mut Corpus) {
    for iss in [
        json!(null),
        json!(1),
        json!([ISSUER]),
        json!({}),
        json!(""),
        json!("https://issuer.tes"),
        json!("https://issuer.test.evil"),
        json!("https://ISSUER.test"),
        json!("https://issuer.test/"),
        json!("https://a@issuer.test"),
        json!("https://\u{ff49}ssuer.test"),
        json!("https://issuer.test\0"),
    ] {
        saying(corpus, "iss", iss);
    }
    for aud in [
        json!(null),
        json!(7),
        json!([]),
        json!([[AUDIENCE]]),
        json!([1, AUDIENCE]),
        json!("api other"),
        json!("api,other"),
        json!({ AUDIENCE: 1 }),
        json!("other"),
        json!("API"),
        json!("ap"),
        json!(true),
    ] {
        saying(corpus, "aud", aud);
    }
}

fn times(corpus: &mut Corpus) {
    for exp in [
        json!("1234"),
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(now() - 61),
        json!([now() + 60]),
        json!({}),
        json!(i64::MIN),
        json!(0.5),
    ] {
        saying(corpus, "exp", exp);
    }
    for name in ["nbf", "iat"] {
        for value in [
            json!(now() + 3_600),
            json!("0"),
            json!(null),
            json!(18_446_744_073_709_551_616.0),
            json!(true),
        ] {
            saying(corpus, name, value);
        }
    }
}

/// The usual claims with this one, `null` included.
fn saying(corpus: &mut Corpus, name: &str, value: Value) {
    let mut claims = with(json!({}));
    claims[name] = value;
    let token = corpus.ed.token(&claims);
    corpus.refuse(format!("{name} {}", claims[name]), token);
}
