//! What is not three parts of strict base64url.

use serde_json::json;

use super::super::forge::b64;
use super::super::{claims, with};
use super::Corpus;

pub(super) fn add(corpus: &mut Corpus) {
    parts(corpus);
    alphabet(corpus);
    let good = corpus.ed.token(&claims());
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts")
    };
    let flattened = json!({ "protected": header, "payload": payload, "signature": signature });
    corpus.refuse("the flattened JSON form", flattened.to_string());
    let signatures = json!([{ "protected": header, "signature": signature }]);
    let general = json!({ "payload": payload, "signatures": signatures });
    corpus.refuse("the general JSON form", general.to_string());
    let forged = b64(with(json!({ "sub": "eve" })).to_string());
    let polyglot = format!(
        r#"{{"  {header}.{forged}.":"","protected":"{header}","payload":"{payload}","signature":"{signature}"}}"#
    );
    corpus.refuse("a polyglot", polyglot);
    for alg in ["dir", "RSA-OAEP"] {
        let header = json!({ "alg": alg, "enc": "A256GCM", "kid": "r" }).to_string();
        let token = format!("{}.AAAA.AAAA.{}.AAAA", b64(header), b64(&good));
        corpus.refuse(format!("encrypted with {alg}"), token);
    }
    let huge = corpus.ed.token(&with(json!({ "x": "y".repeat(6 << 20) })));
    corpus.refuse("8 MiB", huge);
    let empty = corpus.ed.of_segments(header, "");
    corpus.refuse("an empty payload", empty);
    corpus.refuse("a scheme before it", format!("Bearer {good}"));
}

fn parts(corpus: &mut Corpus) {
    let good = corpus.ed.token(&claims());
    let (signed, signature) = good.rsplit_once('.').unwrap();
    for (name, token) in [
        ("one part", signature.to_owned()),
        ("two parts", signed.to_owned()),
        ("four parts", format!("{good}.{signature}")),
        ("five parts", format!("{good}.{signature}.{signature}")),
        ("a dot before it", format!(".{good}")),
        ("a dot after it", format!("{good}.")),
        ("nothing", String::new()),
        ("two dots", "..".to_owned()),
        ("a million dots", ".".repeat(1_000_000)),
    ] {
        corpus.refuse(name, token);
    }
}

fn alphabet(corpus: &mut Corpus) {
    // As long as it takes to have bits left over.
    let padded = |text: String| {
        let blanks = (4 - text.len() % 3) % 3;
        b64(format!("{text}{}", " ".repeat(blanks)))
    };
    let header = padded(corpus.ed.header().to_string());
    let payload = padded(claims().to_string());
    let good = corpus.ed.of_segments(&header, &payload);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    let after = |segment: &str, text: &str| format!("{segment}{text}");
    let inside = |segment: &str, text: &str| format!("{}{text}{}", &segment[..8], &segment[8..]);
    let of_header = |header: String| corpus.ed.of_segments(&header, &payload);
    let of_payload = |payload: String| corpus.ed.of_segments(&header, &payload);
    let of_signature = |signature: String| format!("{signed}.{signature}");
    let cases = [
        ("= after the header", of_header(after(&header, "=="))),
        ("= after the payload", of_payload(after(&payload, "=="))),
        (
            "= after the signature",
            of_signature(after(signature, "==")),
        ),
        ("+ in the payload", of_payload(inside(&payload, "+"))),
        ("/ in the signature", of_signature(inside(signature, "/"))),
        ("a blank in it", of_signature(inside(signature, " "))),
        ("CRLF after it", format!("{good}\r\n")),
        ("a blank before it", format!(" {good}")),
        ("NUL in the payload", of_payload(inside(&payload, "\0"))),
        ("a tab in the header", of_header(inside(&header, "\t"))),
        ("LF in the payload", of_payload(inside(&payload, "\n"))),
        ("%20 in the payload", of_payload(inside(&payload, "%20"))),
        ("? in the signature", of_signature(inside(signature, "?"))),
        ("header bits left over", of_header(left_over(&header))),
        ("payload bits left over", of_payload(left_over(&payload))),
        (
            "signature bits left over",
            of_signature(left_over(signature)),
        ),
    ];
    for (name, token) in cases {
        corpus.refuse(name, token);
    }
}

/// The same bytes to a lenient reader: the last character with one more bit.
fn left_over(segment: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (rest, last) = segment.split_at(segment.len() - 1);
    let next = ALPHABET.find(last).unwrap() + 1;
    format!("{rest}{}", &ALPHABET[next..=next])
}
