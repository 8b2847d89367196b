//! Rules 1 to 8: the form of a token.

use auth_verify::RejectionKind::{BadEncoding, BadHeader, BadJson, Encrypted, NotCompact, TooLong};
use serde_json::json;

use super::forge::{Forge, b64};
use super::{assert_accepted, assert_refused, claims, verifier, with};

#[test]
fn rule_1_a_token_has_a_limit_to_the_byte() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let of_length = |length: usize| {
        let grown = |by: usize| forge.token(&with(json!({ "x": "y".repeat(by) })));
        let base = grown(0).len();
        // Four characters for three bytes: some lengths can't be met with the payload alone.
        (0..)
            .map(|more| grown((length - base) * 3 / 4 - 4 + more))
            .take_while(|token| token.len() <= length + 2)
            .find(|token| token.len() == length)
    };
    let longest = of_length(16_384).or_else(|| of_length(16_383)).unwrap();
    assert_accepted(&checks, &longest);
    let too_long = of_length(16_385).or_else(|| of_length(16_386)).unwrap();
    assert_refused(&checks, &too_long, TooLong);
    let patient = checks.clone().with_limit(256 << 10).unwrap();
    assert_accepted(&patient, &too_long);
    for limit in [0, (256 << 10) + 1, usize::MAX] {
        assert!(checks.clone().with_limit(limit).is_err(), "{limit}");
    }

    let huge = forge.token(&with(json!({ "x": "y".repeat(6 << 20) })));
    assert!(huge.len() > 8 << 20);
    assert!(copied(|| assert_refused(&patient, &huge, TooLong)) < 64 << 10);
}

#[test]
fn rule_2_a_token_has_three_parts() {
    let forge = Forge::ed25519("k");
    let (checks, good) = (verifier(&[&forge]), forge.token(&claims()));
    assert_accepted(&checks, &good);
    let parts: Vec<&str> = good.split('.').collect();
    let [header, payload, signature] = parts[..] else {
        panic!("three parts")
    };
    for bad in [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        header.to_owned(),
        format!("{header}.{payload}"),
        format!("{good}.{signature}"),
        format!("{good}."),
        format!(".{good}"),
        format!(".{payload}.{signature}"),
        format!("{header}.{payload}."),
        forge.of_segments(header, ""),
    ] {
        assert_refused(&checks, &bad, NotCompact);
    }
    let dots = ".".repeat(1_000_000);
    let many = copied(|| {
        assert_refused(&checks, &dots, TooLong);
        assert_refused(&checks, &dots[..16_384], NotCompact);
    });
    assert!(many < 64 << 10, "{many}");
}

/// How many bytes of memory `work` takes: whatever looks into a long token takes many.
fn copied(work: impl FnOnce()) -> u64 {
    allocation_counter::measure(work).bytes_total
}

#[test]
fn rule_3_every_part_is_strict_base64url() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let (header, payload) = (b64(forge.header().to_string()), b64(claims().to_string()));
    for foreign in [
        "=", "==", " ", "\n", "\r\n", "\0", "+", "/", "?", "é", "%20",
    ] {
        let spoiled = |segment: &str| format!("{segment}{foreign}");
        let inside = |segment: &str| format!("{}{foreign}{}", &segment[..8], &segment[8..]);
        for spoil in [&spoiled as &dyn Fn(&str) -> String, &inside] {
            assert_refused(
                &checks,
                &forge.of_segments(&spoil(&header), &payload),
                BadEncoding,
            );
            assert_refused(
                &checks,
                &forge.of_segments(&header, &spoil(&payload)),
                BadEncoding,
            );
            let good = forge.of_segments(&header, &payload);
            let (signed, signature) = good.rsplit_once('.').unwrap();
            let bad = format!("{signed}.{}", spoil(signature));
            assert!(super::check(&checks, &bad).is_err(), "{bad}");
        }
    }
    // The last character of a signature of 64 bytes holds four bits that must be zero.
    let good = forge.of_segments(&header, &payload);
    let last = good.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet
        .chars()
        .nth(alphabet.find(last).unwrap() + 1)
        .unwrap();
    let bad = format!("{}{next}", &good[..good.len() - 1]);
    assert_refused(&checks, &bad, BadEncoding);
}

#[test]
fn rule_4_only_the_compact_form_is_taken() {
    let forge = Forge::ed25519("k");
    let (checks, good) = (verifier(&[&forge]), forge.token(&claims()));
    let parts: Vec<&str> = good.split('.').collect();
    let (header, payload, signature) = (parts[0], parts[1], parts[2]);
    for bad in [
        json!({ "protected": header, "payload": payload, "signature": signature }).to_string(),
        json!({ "payload": payload, "signatures": [{ "protected": header, "signature": signature }] })
            .to_string(),
        json!({ good.as_str(): 1 }).to_string(),
        format!("{{\"a\":1}}.{payload}.{signature}"),
    ] {
        assert!(super::check(&checks, &bad).is_err(), "{bad}");
    }
}

#[test]
fn rule_5_nothing_is_decrypted_or_unwrapped() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let encrypted = b64(r#"{"alg":"RSA-OAEP","enc":"A256GCM"}"#);
    assert_refused(&checks, &format!("{encrypted}.AA.AA.AA.AA"), Encrypted);
    assert_refused(&checks, &format!("{encrypted}..AA.AA.AA"), Encrypted);
    for content in ["JWT", "jwt", "application/jwt"] {
        let mut header = forge.header();
        header["cty"] = content.into();
        let inner = forge.token(&claims());
        assert_refused(&checks, &forge.with_header(&header, &claims()), Encrypted);
        assert_refused(
            &checks,
            &forge.of_bytes(header.to_string(), inner),
            Encrypted,
        );
    }
}

#[test]
fn rule_6_header_and_claims_are_strict_utf_8() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    assert_accepted(
        &checks,
        &forge.token(&with(json!({ "name": "Ada \u{1f980} é" }))),
    );
    let plain = claims().to_string();
    let wide = |order: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(order).collect::<Vec<_>>();
    let wider: Vec<u8> = plain
        .chars()
        .flat_map(|c| u32::from(c).to_be_bytes())
        .collect();
    let spoiled = |bytes: &[u8]| {
        let start = plain.strip_suffix('}').unwrap();
        [start.as_bytes(), b",\"x\":\"", bytes, b"\"}"].concat()
    };
    for payload in [
        [b"\xef\xbb\xbf", plain.as_bytes()].concat(),
        wide(u16::to_be_bytes),
        wide(u16::to_le_bytes),
        wider,
        spoiled(b"\xc0\xaf"),
        spoiled(b"\xff"),
        spoiled(b"\xed\xa0\x80"),
        spoiled(br"\ud800"),
        spoiled(br"\udc00\ud800"),
    ] {
        assert_refused(&checks, &forge.of_payload(&payload), BadJson);
    }
    let header = format!("\u{feff}{}", forge.header());
    assert_refused(
        &checks,
        &forge.of_bytes(header, claims().to_string()),
        BadJson,
    );
}

#[test]
fn rule_7_one_object_whose_names_are_unique_at_every_level() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let plain = claims().to_string();
    let plus = |more: &str| format!("{},{more}}}", plain.strip_suffix('}').unwrap());
    let nested = |depth: usize| format!(r#""x":{}{}"#, "[".repeat(depth), "]".repeat(depth));
    assert_accepted(&checks, &forge.of_payload(plus(&nested(31))));
    assert_accepted(
        &checks,
        &forge.of_payload(plus(r#""x":{"exp":1,"y":{"exp":2}},"EXP":3"#)),
    );
    for payload in [
        plus(r#""exp":9999999999"#),
        plus(r#""iss":"https://issuer.test""#),
        plus(r#""aud":"api""#),
        plus(r#""s\u0075b":"eve""#),
        plus(r#""roles":["a"],"roles":["admin"]"#),
        plus(r#""x":{"roles":[],"y":1,"roles":[]}"#),
        plus(r#""x":[{"a":1,"\u0061":2}]"#),
        plus(&nested(32)),
        plus(&nested(2_000)),
        plus(r#""x":1e999"#),
        plus(r#""x":-1e999"#),
        plus(r#""x":NaN"#),
        plus(r#""x":Infinity"#),
        format!("{plain} {{}}"),
        format!("{plain},"),
        format!("[{plain}]"),
        "\"text\"".to_owned(),
        "null".to_owned(),
    ] {
        assert_refused(&checks, &forge.of_payload(&payload), BadJson);
    }
    for header in [
        r#"{"alg":"EdDSA","alg":"EdDSA","kid":"k"}"#,
        r#"{"alg":"EdDSA","kid":"k","\u006bid":"k"}"#,
        r#"{"alg":"EdDSA","kid":"k"} x"#,
    ] {
        assert_refused(&checks, &forge.of_bytes(header, &plain), BadJson);
    }
}

#[test]
fn rule_8_members_of_the_header_have_their_types() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let others = [
        json!(null),
        json!(true),
        json!(0),
        json!([]),
        json!({}),
        json!(["JWT"]),
    ];
    for name in ["alg", "typ", "kid", "cty"] {
        for other in &others {
            let mut header = forge.header();
            header[name] = other.clone();
            assert_refused(&checks, &forge.with_header(&header, &claims()), BadHeader);
        }
    }
    let mut header = forge.header();
    header.as_object_mut().unwrap().remove("alg");
    assert_refused(&checks, &forge.with_header(&header, &claims()), BadHeader);
}
