//! What is not one unambiguous JSON object.

use super::super::claims;
use super::Corpus;

pub(super) fn add(corpus: &mut Corpus) {
    let plain = claims().to_string();
    let start = plain.strip_suffix('}').unwrap().as_bytes();
    let plus = |more: &[u8]| [start, b",", more, b"}"].concat();
    let nested = |depth: usize| format!("\"x\":{}{}", "[".repeat(depth), "]".repeat(depth));
    let wide = |order: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(order).collect();
    let wider = plain.chars().flat_map(|c| u32::from(c).to_be_bytes());
    let payloads: [(&str, Vec<u8>); 27] = [
        ("exp twice", plus(br#""exp":9999999999"#)),
        ("iss twice", plus(br#""iss":"https://issuer.test""#)),
        ("aud twice", plus(br#""aud":"api""#)),
        ("sub twice", plus(br#""sub":"eve""#)),
        ("nbf twice", plus(br#""nbf":0"#)),
        ("roles twice", plus(br#""roles":["a"],"roles":["admin"]"#)),
        (
            "inner roles twice",
            plus(br#""x":{"roles":[],"roles":["admin"]}"#),
        ),
        (
            "sub twice, once with an escape",
            plus(br#""s\u0075b":"eve""#),
        ),
        (
            "a byte order mark",
            [b"\xef\xbb\xbf", plain.as_bytes()].concat(),
        ),
        ("UTF-16, least byte first", wide(u16::to_le_bytes)),
        ("UTF-16, most byte first", wide(u16::to_be_bytes)),
        ("UTF-32", wider.collect()),
        ("an overlong form", plus(b"\"x\":\"\xc0\xaf\"")),
        ("no UTF-8", plus(b"\"x\":\"\xff\"")),
        ("half a character, escaped", plus(br#""x":"\ud800""#)),
        ("half a character, encoded", plus(b"\"x\":\"\xed\xa0\x80\"")),
        ("33 levels", plus(nested(32).as_bytes())),
        ("thousands of levels", plus(nested(5_000).as_bytes())),
        ("a number without end", plus(br#""x":1e999"#)),
        ("no number", plus(br#""x":NaN"#)),
        ("infinity", plus(br#""x":Infinity"#)),
        ("text after it", [plain.as_bytes(), b" x"].concat()),
        ("an object after it", [plain.as_bytes(), b"{}"].concat()),
        ("a list", [b"[", plain.as_bytes(), b"]"].concat()),
        ("a text", b"\"text\"".to_vec()),
        ("null", b"null".to_vec()),
        ("a number", b"1".to_vec()),
    ];
    for (name, payload) in payloads {
        let token = corpus.ed.of_payload(payload);
        corpus.refuse(name, token);
    }
}
