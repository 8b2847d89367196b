//! Rules 26 to 31: which key is taken.

use auth_verify::RejectionKind::{
    AlgorithmNotAllowed, AmbiguousKey, BadSignature, UnknownIssuer, UnknownKey,
};
use auth_verify::{Issuer, KeySet, Keys, Verifier};
use serde_json::{Value, json};

use super::forge::{Forge, b64};
use super::{
    AUDIENCE, ISSUER, assert_accepted, assert_refused, check, claims, issuer, keys, keys_of, timed,
    verifier, with,
};

#[test]
fn rule_18_keys_are_parsed_when_a_set_is_read() {
    let (good, bad) = (Forge::p256("k"), Forge::p256("bad"));
    let off = changed(&bad, json!({ "y": b64([1; 32]) }));
    let checks = timed(Verifier::new(issuer(keys_of(&[good.jwk(), off]))));
    // Nobody has shown a token yet.
    let stats = checks.issuers()[0].keys().stats();
    assert_eq!((stats.keys, stats.left_out), (1, 1));
    assert_accepted(&checks, &good.token(&claims()));
    assert_refused(&checks, &bad.token(&claims()), UnknownKey);
}

#[test]
fn rule_26_a_key_belongs_to_one_issuer() {
    let (first, second) = (Forge::ed25519("k"), Forge::ed25519("k"));
    let other = "https://other.test";
    let checks =
        Verifier::new(issuer(keys(&[&first])))
            .or(Issuer::new(other, AUDIENCE, keys(&[&second])).unwrap());
    let checks = timed(checks.unwrap());
    // A second one of the same name would never be asked.
    assert!(checks.clone().or(issuer(keys(&[&second]))).is_err());
    let of_other = with(json!({ "iss": other }));
    assert_accepted(&checks, &first.token(&claims()));
    assert_accepted(&checks, &second.token(&of_other));
    assert_refused(&checks, &second.token(&claims()), BadSignature);
    assert_refused(&checks, &first.token(&of_other), BadSignature);
    let third = with(json!({ "iss": "https://third.test" }));
    assert_refused(&checks, &first.token(&third), UnknownIssuer);
}

#[test]
fn rule_29_ids_that_say_nothing_are_an_opt_in() {
    let (one, other) = (Forge::rsa("a"), Forge::other_rsa("b"));
    let set = |list: &[Value]| KeySet::from_jwks(json!({ "keys": list }).to_string()).unwrap();
    let of = |set: KeySet| timed(Verifier::new(issuer(Keys::fixed(set))));
    let nameless = json!({ "alg": "RS256" });
    let both = [one.jwk(), other.jwk()];
    for forge in [&one, &other] {
        let token = forge.with_header(&nameless, &claims());
        assert_refused(&of(set(&both)), &token, AmbiguousKey);
        assert_accepted(&of(set(&both).with_loose_ids()), &token);
    }
    let loose = of(set(&both).with_loose_ids());
    let (start, _) = one
        .with_header(&nameless, &claims())
        .rsplit_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    let forged = format!("{start}.{}", "A".repeat(342));
    assert!(check(&loose, &forged).is_err());
    // An id decides, where a key has it.
    let stolen = json!({ "alg": "RS256", "kid": "b" });
    assert_refused(&loose, &one.with_header(&stolen, &claims()), BadSignature);
    let unknown = json!({ "alg": "RS256", "kid": "c" });
    assert_refused(&loose, &one.with_header(&unknown, &claims()), UnknownKey);
    // The only key has none.
    let silent = changed(&one, json!({ "kid": null }));
    let token = one.token(&claims());
    assert_refused(&of(set(std::slice::from_ref(&silent))), &token, UnknownKey);
    assert_accepted(&of(set(&[silent]).with_loose_ids()), &token);
}

#[test]
fn rule_30_an_ambiguous_key_spoils_no_other_and_what_leaves_none_says_why() {
    let forge = Forge::p256("good");
    let twice = r#"{"kty":"EC","kid":"a","kid":"b"}"#;
    let set = format!(
        "\u{feff}{{\"keys\":[{twice},[{twice}],7,{}],\"more\":{twice}}}",
        forge.jwk()
    );
    let set = KeySet::from_jwks(set).unwrap();
    assert_eq!((set.len(), set.left_out()), (1, 3));
    assert_accepted(
        &timed(Verifier::new(issuer(Keys::fixed(set)))),
        &forge.token(&claims()),
    );
    let padded = format!("{}=", forge.jwk()["x"].as_str().unwrap());
    let padded = changed(&forge, json!({ "kid": "padded", "x": padded }));
    let error = KeySet::from_jwks(json!({ "keys": [padded] }).to_string()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("padded: a member is not base64url"),
        "{error}"
    );
    let log = crate::log::Log::of_everything();
    let short = json!({ "kty": "RSA", "kid": "short", "n": "AQAB", "e": "AQAB" });
    let error = KeySet::from_jwks(json!({ "keys": [short] }).to_string()).unwrap_err();
    for said in [error.to_string(), log.text()] {
        assert!(
            said.contains("short") && said.contains("2048 to 8192 bits"),
            "{said}"
        );
    }
    assert!(log.text().contains("WARN"), "{}", log.text());
    for bad in [
        r#"{"keys":[],"keys":[]}"#,
        r#"{"keys":[],"key\u0073":[]}"#,
        "[]",
        "{\"keys\":7}",
    ] {
        assert!(KeySet::from_jwks(bad).is_err(), "{bad}");
    }
}

fn changed(forge: &Forge, changes: Value) -> Value {
    super::merged(forge.jwk(), changes)
}

#[test]
fn rule_27_keys_that_share_an_id_are_told_apart_by_use_type_and_algorithm() {
    let (rsa, ec) = (Forge::rsa("k"), Forge::p256("k"));
    let pss = Forge::rsa("k").with_algorithm("PS256");
    let encryption = changed(&rsa, json!({ "alg": "RSA-OAEP", "use": "enc" }));
    let wrapping = changed(
        &rsa,
        json!({ "use": null, "key_ops": ["wrapKey", "encrypt"] }),
    );
    let longer = changed(&rsa, json!({ "alg": "RS512" }));
    for first in [encryption, wrapping, longer, pss.jwk(), ec.jwk()] {
        for list in [[first.clone(), rsa.jwk()], [rsa.jwk(), first.clone()]] {
            let checks = timed(Verifier::new(issuer(keys_of(&list))));
            assert_accepted(&checks, &rsa.token(&claims()));
        }
    }
    let all = [rsa.jwk(), pss.jwk(), ec.jwk()];
    let checks = timed(Verifier::new(issuer(keys_of(&all))));
    for forge in [&rsa, &pss, &ec] {
        assert_accepted(&checks, &forge.token(&claims()));
    }
}

#[test]
fn rule_27_use_and_key_ops_decide_whether_a_key_checks_signatures() {
    let forge = Forge::p256("k");
    let usable = |changes: Value| {
        let jwk = changed(&forge, changes);
        KeySet::from_jwks(json!({ "keys": [jwk] }).to_string()).is_ok()
    };
    for good in [
        json!({}),
        json!({ "use": null }),
        json!({ "use": null, "key_ops": ["verify"] }),
        json!({ "key_ops": ["sign", "verify"] }),
        json!({ "alg": null }),
        json!({ "key_ops": [] }),
    ] {
        assert!(usable(good.clone()), "{good}");
    }
    // What is `null` is not there.
    for name in ["use", "alg", "key_ops", "kid", "x5c", "issuer"] {
        let mut jwk = forge.jwk();
        jwk[name] = Value::Null;
        assert!(
            KeySet::from_jwks(json!({ "keys": [jwk] }).to_string()).is_ok(),
            "{name}"
        );
    }
    for bad in [
        json!({ "use": "enc" }),
        json!({ "use": "SIG" }),
        json!({ "use": 1 }),
        json!({ "key_ops": ["sign"] }),
        json!({ "key_ops": ["encrypt", "wrapKey"] }),
        json!({ "key_ops": "verify" }),
        json!({ "key_ops": ["verify", 1] }),
    ] {
        assert!(!usable(bad.clone()), "{bad}");
    }
}

#[test]
fn rule_28_two_keys_that_fit_equally_are_both_refused() {
    let (first, second) = (Forge::p256("k"), Forge::p256("k"));
    let checks = verifier(&[&first, &second]);
    assert_refused(&checks, &first.token(&claims()), AmbiguousKey);
    assert_refused(&checks, &second.token(&claims()), AmbiguousKey);
    // The same key twice is one key.
    assert_accepted(&verifier(&[&first, &first]), &first.token(&claims()));
}

#[test]
fn rule_29_a_token_without_a_key_id_needs_a_set_that_leaves_no_choice() {
    let (first, second, rsa) = (Forge::p256("a"), Forge::p256("b"), Forge::rsa("c"));
    let nameless = |forge: &Forge| forge.with_header(&json!({ "alg": forge.algorithm }), &claims());
    assert_accepted(&verifier(&[&first]), &nameless(&first));
    assert_accepted(&verifier(&[&first, &rsa]), &nameless(&first));
    assert_refused(
        &verifier(&[&first, &second]),
        &nameless(&first),
        AmbiguousKey,
    );
    assert_refused(&verifier(&[&rsa]), &nameless(&first), UnknownKey);
    let empty = first.with_header(&json!({ "alg": "ES256", "kid": "" }), &claims());
    assert_refused(&verifier(&[&first]), &empty, UnknownKey);
    let wrong = first.with_header(&json!({ "alg": "ES256", "kid": "c" }), &claims());
    assert_refused(&verifier(&[&first, &rsa]), &wrong, AlgorithmNotAllowed);
}

#[test]
fn rule_30_a_bad_entry_does_not_spoil_the_set() {
    let forge = Forge::p256("k");
    let list = json!({ "keys": [
        "text", null, 7, [], {}, { "kty": "RSA" }, { "kty": "new" }, { "kty": 5, "kid": "k" },
        { "kty": "EC", "crv": "P-256", "x": "!", "y": "!" }, changed(&forge, json!({ "kid": 5 })),
        changed(&forge, json!({ "kid": "x".repeat(257) })), forge.jwk(),
    ], "other": 1 });
    let set = KeySet::from_jwks(list.to_string()).unwrap();
    assert_eq!((set.len(), set.left_out()), (1, 11));
    let checks = Issuer::new(ISSUER, AUDIENCE, Keys::fixed(set)).unwrap();
    assert_accepted(&timed(Verifier::new(checks)), &forge.token(&claims()));
}

#[test]
fn rule_30_a_set_that_can_not_be_used_is_an_error() {
    let (forge, key) = (Forge::p256("k"), Forge::p256("k").jwk());
    let many: Vec<_> = (0..1_001)
        .map(|at| changed(&forge, json!({ "kid": at.to_string() })))
        .collect();
    for bad in [
        String::new(),
        "[]".to_owned(),
        json!([key]).to_string(),
        json!({ "keys": {} }).to_string(),
        json!({ "keys": [] }).to_string(),
        json!({ "keys": [{ "kty": "AKP" }] }).to_string(),
        json!({ "error": "server_error" }).to_string(),
        format!(r#"{{"keys":[{key}],"keys":[{key}]}}"#),
        format!(r#"{{"keys":[{key}]}} x"#),
        json!({ "keys": many }).to_string(),
    ] {
        assert!(
            KeySet::from_jwks(bad.clone()).is_err(),
            "{}",
            &bad[..bad.len().min(80)]
        );
    }
    let wide: Vec<u8> = json!({ "keys": [key] })
        .to_string()
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for wide in [wide.clone(), [&[0xff, 0xfe], &wide[..]].concat()] {
        let error = KeySet::from_jwks(wide).unwrap_err();
        assert!(error.message().contains("is no UTF-8"), "{error}");
    }
    // What each is, and not only that none is of use.
    for (changes, why) in [
        (
            json!({ "use": "enc" }),
            "key k: it is not for signatures (`use`)",
        ),
        (
            json!({ "key_ops": ["sign"] }),
            "key k: it is not for checking signatures (`key_ops`)",
        ),
        (
            json!({ "alg": "RSA-OAEP" }),
            "key k: its algorithm (`alg`) is none",
        ),
        (
            json!({ "crv": "secp256k1" }),
            "key k: its curve (`crv`) is none",
        ),
        (
            json!({ "kty": "AKP" }),
            "key k: its kind (`kty`) is not known here",
        ),
    ] {
        let odd = changed(&forge, changes);
        let error = KeySet::from_jwks(json!({ "keys": [odd] }).to_string()).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        // What is damaged is said first.
        let damaged = changed(&forge, json!({ "kid": "bad", "x": "!" }));
        let error = KeySet::from_jwks(json!({ "keys": [odd, damaged] }).to_string()).unwrap_err();
        assert!(error.to_string().contains("key bad: "), "{error}");
    }
    let most = json!({ "keys": &many[..1_000] }).to_string();
    assert_eq!(KeySet::from_jwks(most).unwrap().len(), 1_000);
}

/// Whoever reads that a key is unknown, and sees it in the document, learns why.
#[test]
fn rule_30_a_token_whose_key_is_published_and_not_used_is_told_why() {
    let (forge, other) = (Forge::p256("k"), Forge::ed25519("other"));
    for (changes, why) in [
        (json!({ "use": "enc" }), "it is not for signatures (`use`)"),
        (
            json!({ "x": b64([1; 32]) }),
            "the point is not on its curve",
        ),
        (
            json!({ "alg": "ES384" }),
            "the algorithm is not that of the key",
        ),
        (json!({ "d": "AA" }), "a private key or a shared secret"),
    ] {
        let list = [changed(&forge, changes), other.jwk()];
        let checks = timed(Verifier::new(issuer(keys_of(&list))));
        let token = forge.token(&claims());
        let outcome = checks
            .verify_at_hand(auth_verify::Bearer::new(&token))
            .unwrap();
        let rejection = outcome.unwrap_err();
        let said = rejection.to_string();
        assert_eq!(rejection.kind(), UnknownKey);
        assert!(
            said.contains(&format!("published and not used, {why}")),
            "{said}"
        );
        assert!(rejection.hint().is_none(), "{said}");
    }
}

#[test]
fn rule_31_a_published_private_key_is_not_used() {
    let forge = Forge::p256("k");
    for name in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        let mut jwk = forge.jwk();
        jwk[name] = b64([1; 32]).into();
        let good = Forge::ed25519("other");
        let checks = timed(Verifier::new(issuer(keys_of(&[jwk, good.jwk()]))));
        assert_refused(&checks, &forge.token(&claims()), UnknownKey);
        assert_accepted(&checks, &good.token(&claims()));
    }
}

#[test]
fn rules_10_29_and_33_a_refusal_names_the_setting_that_would_let_such_tokens_in() {
    let (one, other) = (Forge::rsa("a"), Forge::other_rsa("b"));
    let said = |list: &[Value], token: &str| {
        let checks = timed(Verifier::new(issuer(keys_of(list))));
        let outcome = checks.verify_at_hand(auth_verify::Bearer::new(token));
        outcome.unwrap().unwrap_err().to_string()
    };
    let nameless = changed(&one, json!({ "alg": null }));
    let stronger = Forge::rsa("a").with_algorithm("RS512").token(&claims());
    let text = said(&[nameless], &stronger);
    assert!(
        text.contains("RS512") && text.contains("with_rsa_algorithm"),
        "{text}"
    );
    let unnamed = one.with_header(&json!({ "alg": "RS256" }), &claims());
    let text = said(&[one.jwk(), other.jwk()], &unnamed);
    assert!(text.contains("with_loose_ids"), "{text}");
    let text = said(
        &[changed(&one, json!({ "kid": null }))],
        &one.token(&claims()),
    );
    assert!(text.contains("with_loose_ids"), "{text}");
    let text = said(&[one.jwk()], &one.token(&with(json!({ "aud": null }))));
    assert!(text.contains("with_client_for_audience"), "{text}");
}
