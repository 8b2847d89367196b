//! What a header must not say.

use serde_json::{Value, json};

use super::super::forge::b64;
use super::super::{claims, merged};
use super::Corpus;

pub(super) fn add(corpus: &mut Corpus) {
    for crit in [
        json!(["exp"]),
        json!([]),
        json!("exp"),
        json!(["alg"]),
        json!(["absent"]),
        json!(["b64"]),
    ] {
        saying(corpus, json!({ "crit": crit, "exp": 1, "b64": true }));
    }
    raw(
        corpus,
        "crit null",
        r#"{"alg":"EdDSA","kid":"d","crit":null}"#,
    );
    saying(corpus, json!({ "b64": false }));
    saying(corpus, json!({ "b64": true }));
    let header = merged(corpus.ed.header(), json!({ "b64": false })).to_string();
    let payload = claims().to_string().replace('.', "");
    let token = corpus.ed.of_segments(&b64(header), &payload);
    corpus.refuse("a payload that is not encoded", token);
    for name in ["zip", "p2c", "enc", "epk"] {
        saying(corpus, json!({ name: "DEF" }));
    }
    for content in ["JWT", "jwt"] {
        saying(corpus, json!({ "cty": content }));
    }
    for typ in [
        json!("logout+jwt"),
        json!("dpop+jwt"),
        json!("secevent+jwt"),
        json!("JOSE"),
        json!("ID"),
        json!("Refresh"),
        json!("Offline"),
        json!(5),
        json!(""),
    ] {
        saying(corpus, json!({ "typ": typ }));
    }
    raw(
        corpus,
        "typ null",
        r#"{"alg":"EdDSA","kid":"d","typ":null}"#,
    );
    let graph = merged(corpus.ed.header(), json!({ "nonce": "for Graph alone" }));
    let iss = json!({ "iss": "https://sts.windows.net/a1b2c3d4-0000-4000-8000-123456789abc/" });
    let token = corpus.ed.with_header(&graph, &merged(claims(), iss));
    corpus.refuse("a token for Microsoft Graph", token);
    raw(
        corpus,
        "alg twice",
        r#"{"alg":"EdDSA","kid":"d","alg":"EdDSA"}"#,
    );
    raw(
        corpus,
        "kid twice",
        r#"{"kid":"r","alg":"EdDSA","kid":"d"}"#,
    );
    let token = corpus.ed.with_header(
        &merged(corpus.ed.header(), json!({ "x": "y".repeat(1 << 20) })),
        &claims(),
    );
    corpus.refuse("a MiB of header", token);
}

fn saying(corpus: &mut Corpus, more: Value) {
    let header = merged(corpus.ed.header(), more.clone());
    let token = corpus.ed.with_header(&header, &claims());
    corpus.refuse(more.to_string(), token);
}

fn raw(corpus: &mut Corpus, name: &str, header: &str) {
    let token = corpus.ed.of_bytes(header, claims().to_string());
    corpus.refuse(name, token);
}
