//! Rules 19 to 25: what a header may say.

use auth_testkit::{Server, TestClock};
use auth_verify::RejectionKind::{
    self, BadHeader, BadSignature, CriticalHeader, GraphToken, NotASignature, UnencodedPayload,
    UnknownKey, WrongType,
};
use auth_verify::{Issuer, Verifier};
use serde_json::{Value, json};

use super::forge::Forge;
use super::{AUDIENCE, ISSUER, assert_accepted, assert_refused, claims, keys, timed, verifier};

fn header(forge: &Forge, changes: Value) -> Value {
    super::merged(forge.header(), changes)
}

#[track_caller]
fn assert_header_refused(changes: Value, kind: RejectionKind) {
    let forge = Forge::ed25519("k");
    let token = forge.with_header(&header(&forge, changes), &claims());
    assert_refused(&verifier(&[&forge]), &token, kind);
}

#[test]
fn rule_19_what_is_critical_is_refused_in_every_form() {
    for crit in [
        json!(["exp"]),
        json!(["x-unknown"]),
        json!(["b64"]),
        json!(["alg"]),
        json!([]),
        json!("exp"),
        json!({}),
        json!([1]),
        json!(false),
    ] {
        assert_header_refused(json!({ "crit": crit, "exp": 1 }), CriticalHeader);
    }
    let forge = Forge::ed25519("k");
    let text = r#"{"alg":"EdDSA","kid":"k","crit":null}"#;
    let token = forge.of_bytes(text, claims().to_string());
    assert_refused(&verifier(&[&forge]), &token, CriticalHeader);
}

#[test]
fn rule_20_a_token_has_an_encoded_payload() {
    for value in [json!(false), json!(true), json!("false")] {
        assert_header_refused(json!({ "b64": value }), UnencodedPayload);
    }
    let forge = Forge::ed25519("k");
    let text = header(&forge, json!({ "b64": false })).to_string();
    let raw = forge.of_segments(
        &super::forge::b64(text),
        &claims().to_string().replace('.', ""),
    );
    assert!(super::check(&verifier(&[&forge]), &raw).is_err());
}

#[test]
fn rule_21_members_of_encryption_and_compression_are_refused() {
    for name in ["zip", "enc", "epk", "p2c", "p2s", "apu", "apv", "iv", "tag"] {
        assert_header_refused(json!({ name: "x" }), NotASignature);
    }
    for zip in [
        json!("DEF"),
        json!("none"),
        json!(""),
        json!(["NONE"]),
        json!(false),
    ] {
        assert_header_refused(json!({ "zip": zip }), NotASignature);
    }
    assert_header_refused(json!({ "enc": "NONE" }), NotASignature);
    // What PingAM writes into each of its tokens: there is no compression.
    let forge = Forge::ed25519("k");
    let plain = header(&forge, json!({ "typ": "JWT", "zip": "NONE" }));
    assert_accepted(&verifier(&[&forge]), &forge.with_header(&plain, &claims()));
}

#[tokio::test(start_paused = true)]
async fn rule_22_a_key_never_comes_with_its_token_and_no_url_in_it_is_asked() {
    let (good, evil) = (Forge::ed25519("k"), Forge::ed25519("k"));
    let server = Server::new(TestClock::new());
    let issuer = Issuer::new(ISSUER, AUDIENCE, keys(&[&good])).unwrap();
    let checks = Verifier::new(issuer).with_clock(server.clock().clone());
    let url = server.url("/keys").to_string();
    let more = json!({
        "jwk": evil.jwk(), "jku": url, "x5u": url, "x5c": ["MAA="], "x5t": "AA", "unknown": 1,
    });
    let token = good.with_header(&header(&good, more.clone()), &claims());
    assert_accepted(&checks, &token);
    let token = evil.with_header(&header(&evil, more.clone()), &claims());
    assert_refused(&checks, &token, BadSignature);
    let stranger = Forge::ed25519("stranger");
    let token = stranger.with_header(&header(&stranger, more), &claims());
    assert_refused(&checks, &token, UnknownKey);
    assert!(server.requests().is_empty());
}

#[test]
fn rule_23_the_type_is_one_that_the_profile_takes() {
    let forge = Forge::ed25519("k");
    let generic = verifier(&[&forge]);
    let strict = Issuer::rfc9068(ISSUER, AUDIENCE, keys(&[&forge])).unwrap();
    let strict = timed(Verifier::new(strict));
    let of_type = |media_type: &str| {
        forge.with_header(&header(&forge, json!({ "typ": media_type })), &claims())
    };
    for media_type in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/At+Jwt",
    ] {
        assert_accepted(&generic, &of_type(media_type));
        assert_accepted(&strict, &of_type(media_type));
    }
    for media_type in ["JWT", "jwt", "application/jwt"] {
        assert_accepted(&generic, &of_type(media_type));
        assert_refused(&strict, &of_type(media_type), WrongType);
    }
    let absent = forge.with_header(&header(&forge, json!({ "typ": null })), &claims());
    assert_accepted(&generic, &absent);
    assert_refused(&strict, &absent, WrongType);
    for media_type in [
        "logout+jwt",
        "dpop+jwt",
        "secevent+jwt",
        "JOSE",
        "JOSE+JSON",
        "ID",
        "Refresh",
        "Offline",
        "",
        "application/",
        "text/jwt",
        "JWT ",
        "at+jwt; x=y",
    ] {
        assert_refused(&generic, &of_type(media_type), WrongType);
        assert_refused(&strict, &of_type(media_type), WrongType);
    }
}

#[test]
fn rule_24_a_key_id_is_compared_byte_for_byte_and_is_short() {
    let forge = Forge::ed25519("Key-1");
    let checks = verifier(&[&forge]);
    let named = |id: &str| forge.with_header(&json!({ "alg": "EdDSA", "kid": id }), &claims());
    assert_accepted(&checks, &named("Key-1"));
    for id in [
        "",
        "key-1",
        "Key-1 ",
        " Key-1",
        "Key-1\0",
        "Key-1\n",
        "../../etc/passwd",
        "' OR 1=1 --",
        "__proto__",
        "Key-1\u{200b}",
        "K\u{435}y-1",
        "*",
    ] {
        assert_refused(&checks, &named(id), UnknownKey);
    }
    assert_refused(&checks, &named(&"x".repeat(256)), UnknownKey);
    assert_refused(&checks, &named(&"x".repeat(257)), BadHeader);
    let long = Forge::ed25519(&"x".repeat(256));
    assert_accepted(&verifier(&[&long]), &long.token(&claims()));
}

#[test]
fn rule_25_a_token_for_microsoft_graph_is_told_apart() {
    let forge = Forge::rsa("k");
    let checks = verifier(&[&forge]);
    let marked = header(&forge, json!({ "nonce": "x" }));
    // Another issuer may call something of its own so.
    assert_accepted(&checks, &forge.with_header(&marked, &claims()));
    let graph = "https://sts.windows.net/a1b2c3d4-0000-4000-8000-123456789abc/";
    let token = forge.with_header(&marked, &super::with(json!({ "iss": graph })));
    assert_refused(&checks, &token, GraphToken);
    let rejection = checks
        .verify_at_hand(auth_verify::Bearer::new(&token))
        .unwrap()
        .unwrap_err();
    assert!(
        rejection.to_string().contains("Microsoft Graph"),
        "{rejection}"
    );
}
