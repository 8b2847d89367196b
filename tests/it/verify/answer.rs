//! Rules 60 to 63: from the header of a request to the answer.

use auth_verify::RejectionKind::{self, MalformedRequest, NoCredentials};
use auth_verify::{BearerHeader, Rejection, Rule};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde_json::{Value, json};

use super::forge::Forge;
use super::{check, claims, verifier, with};

fn headers(list: &[(&str, &[u8])]) -> HeaderMap {
    let pairs = list.iter().map(|(name, value)| {
        let name = HeaderName::try_from(*name).unwrap();
        (name, HeaderValue::from_bytes(value).unwrap())
    });
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(name, value);
    }
    headers
}

#[test]
fn rule_60_one_header_with_one_token() {
    let place = BearerHeader::authorization();
    let kind = |list: &[(&str, &[u8])]| place.read(&headers(list)).map(drop).map_err(|e| e.kind());
    for good in [
        "Bearer abc",
        "bearer abc",
        "BEARER abc",
        "Bearer a-b._~+/c=",
        "Bearer a.b.c",
        // RFC 6750 §2.1: one blank or more.
        "Bearer  abc",
        "Bearer     abc",
    ] {
        assert_eq!(
            kind(&[("authorization", good.as_bytes())]),
            Ok(()),
            "{good}"
        );
    }
    for none in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer   ",
        "Basic YTpi",
        "Token abc",
        "DPoP abc",
        "Bearer\tabc",
        "bear abc",
        "abc",
    ] {
        assert_eq!(
            kind(&[("authorization", none.as_bytes())]),
            Err(NoCredentials),
            "{none:?}"
        );
    }
    for bad in [
        "Bearer abc ",
        "Bearer abc def",
        "Bearer abc,def",
        "Bearer a, Bearer b",
        "Bearer =",
        "Bearer a=b",
        "Bearer \"abc\"",
    ] {
        assert_eq!(
            kind(&[("authorization", bad.as_bytes())]),
            Err(MalformedRequest),
            "{bad:?}"
        );
    }
    assert_eq!(
        kind(&[("authorization", b"Bearer \xff")]),
        Err(MalformedRequest)
    );
    let twice: [(&str, &[u8]); 2] = [
        ("authorization", b"Bearer abc"),
        ("authorization", b"Bearer abc"),
    ];
    assert_eq!(kind(&twice), Err(MalformedRequest));
    assert_eq!(kind(&[]), Err(NoCredentials));
    assert_eq!(kind(&[("x-identity", b"abc")]), Err(NoCredentials));
}

#[test]
fn rule_61_what_is_between_quotes_stays_there() {
    let nobody = BearerHeader::authorization()
        .read(&headers(&[]))
        .unwrap_err();
    for (url, shown) in [
        ("https://api.test/a?b=\\\"c", "https://api.test/a?b=%5C%22c"),
        ("https://api.test/\"#\"\\", "https://api.test/%22#%22%5C"),
    ] {
        let challenge = nobody.challenge_for(Some(&url.parse().unwrap())).unwrap();
        let expected = format!("Bearer resource_metadata=\"{shown}\"");
        assert_eq!(challenge.to_str().unwrap(), expected);
    }
}

#[test]
fn rule_60_another_header_holds_the_token_alone() {
    let place = BearerHeader::raw("X-Identity").unwrap();
    let kind = |value: &str| {
        let all = headers(&[
            ("x-identity", value.as_bytes()),
            ("authorization", b"Bearer x"),
        ]);
        place
            .read(&all)
            .map(drop)
            .map_err(|rejection| rejection.kind())
    };
    assert_eq!(kind("a.b.c"), Ok(()));
    assert_eq!(kind(""), Err(NoCredentials));
    assert_eq!(kind("Bearer a.b.c"), Err(MalformedRequest));
    assert!(BearerHeader::raw("x identity").is_err());
}

#[tokio::test]
async fn rule_61_each_way_to_fail_has_its_status_and_challenge() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let answer = async |list: &[(&str, &[u8])], rule: &Rule| -> (u16, String) {
        let outcome = checks.verify_request(&headers(list)).await;
        let rejection = match outcome.map(|caller| rule.check(&caller)) {
            Ok(Ok(())) => return (200, String::new()),
            Ok(Err(rejection)) | Err(rejection) => rejection,
        };
        let all = rejection.headers();
        assert_eq!(all["cache-control"], "no-store");
        let challenge = all.get("www-authenticate").unwrap().to_str().unwrap();
        (rejection.status().as_u16(), challenge.to_owned())
    };
    let bearer = |claims: &Value| format!("Bearer {}", forge.token(claims)).into_bytes();
    let good = bearer(&claims());
    let open = Rule::authenticated();
    assert_eq!(answer(&[("authorization", &good)], &open).await.0, 200);
    let asked = [
        (answer(&[], &open).await),
        (answer(&[("authorization", b"Bearer a b")], &open).await),
        (answer(&[("authorization", b"Bearer junk")], &open).await),
        (answer(
            &[("authorization", &bearer(&with(json!({ "exp": 1 }))))],
            &open,
        )
        .await),
        (answer(
            &[("authorization", &bearer(&with(json!({ "aud": "x" }))))],
            &open,
        )
        .await),
        (answer(
            &[("authorization", &good)],
            &Rule::any_scope(["admin", "root"]).unwrap(),
        )
        .await),
        (answer(
            &[("authorization", &good)],
            &Rule::any_role(["Admin"]).unwrap(),
        )
        .await),
        (answer(
            &[("authorization", &good)],
            &Rule::any_acr(["gold"]).unwrap(),
        )
        .await),
    ];
    let shown: Vec<_> = asked
        .iter()
        .map(|(status, challenge)| format!("{status} {challenge}"))
        .collect();
    insta::assert_snapshot!(shown.join("\n"), @r#"
    401 Bearer
    400 Bearer error="invalid_request", error_description="The request must carry one token in one header"
    401 Bearer error="invalid_token", error_description="The token is not accepted"
    401 Bearer error="invalid_token", error_description="The token is expired"
    401 Bearer error="invalid_token", error_description="The token is not accepted"
    403 Bearer error="insufficient_scope", error_description="The token does not permit this", scope="admin root"
    403 Bearer error="insufficient_scope", error_description="The token does not permit this"
    401 Bearer error="insufficient_user_authentication", error_description="A stronger or more recent login is needed", acr_values="gold"
    "#);
}

#[test]
fn rule_61_the_metadata_of_the_resource_can_be_named() {
    let url = url::Url::parse("https://api.test/.well-known/oauth-protected-resource").unwrap();
    let rejection = Rejection::from(NoCredentials);
    assert_eq!(
        rejection.challenge_for(Some(&url)).unwrap(),
        "Bearer resource_metadata=\"https://api.test/.well-known/oauth-protected-resource\""
    );
}

#[test]
fn rule_62_nothing_from_a_token_reaches_the_answer_or_steers_the_log() {
    let forge = Forge::ed25519("k");
    let checks = verifier(&[&forge]);
    let canary = "canary\r\nSet-Cookie: x=y\u{1b}[2J";
    let header = json!({ "alg": "EdDSA", "kid": canary });
    let token = forge.with_header(&header, &with(json!({ "sub": canary })));
    let outcome = checks
        .verify_at_hand(auth_verify::Bearer::new(&token))
        .unwrap();
    let rejection = outcome.unwrap_err();
    assert_eq!(rejection.kind(), RejectionKind::UnknownKey);
    let answer = format!("{:?}", rejection.headers());
    assert!(!answer.contains("canary"), "{answer}");
    let log = rejection.to_string();
    assert!(
        log.chars().all(|character| !character.is_control()),
        "{log}"
    );
    assert!(
        log.contains("canary") && log.len() < 300,
        "the key id is for the log: {log}"
    );
    for changes in [
        json!({ "aud": canary }),
        json!({ "sub": [canary] }),
        json!({ "exp": canary }),
    ] {
        let token = forge.token(&with(changes));
        let outcome = checks
            .verify_at_hand(auth_verify::Bearer::new(&token))
            .unwrap();
        let rejection = outcome.unwrap_err();
        let all = format!("{rejection} {rejection:?} {:?}", rejection.headers());
        assert!(!all.contains("canary"), "{all}");
    }
}

#[test]
fn rule_63_only_missing_keys_are_worth_another_try() {
    for &kind in RejectionKind::ALL {
        let rejection = Rejection::from(kind);
        assert_eq!(
            rejection.is_transient(),
            kind == RejectionKind::KeysUnavailable,
            "{kind}"
        );
        assert_eq!(
            rejection.status() == 503,
            kind == RejectionKind::KeysUnavailable,
            "{kind}"
        );
        let number = rejection.status().as_u16();
        assert!([400, 401, 403, 500, 503].contains(&number), "{kind}");
    }
}

#[test]
fn rule_64_only_a_check_makes_a_verified_token() {
    let forge = Forge::ed25519("k");
    let token = forge.token(&claims());
    assert_eq!(
        check(&verifier(&[&forge]), &token)
            .unwrap()
            .subject()
            .as_deref(),
        Some("ada")
    );
    let seen = auth_verify::Unverified::peek(&token).unwrap();
    assert_eq!(
        (&seen.claims()["sub"], &seen.header()["kid"]),
        (&json!("ada"), &json!("k"))
    );
    assert!(!format!("{seen:?}").contains("ada"));
    assert!(auth_verify::Unverified::peek("junk").is_err());
    let bearer = auth_verify::Bearer::new(&token);
    assert!(!format!("{bearer:?}").contains(&token[..10]));
}

#[test]
fn rule_65_remembered_signatures_belong_to_the_whole_token_and_to_its_key() {
    let forge = Forge::ed25519("k");
    let clock = auth_testkit::TestClock::new();
    let checks = verifier(&[&forge])
        .with_clock(std::sync::Arc::new(clock.clone()))
        .with_signature_memory(1);
    let token = forge.token(&claims());
    for _ in 0..3 {
        assert!(check(&checks, &token).is_ok());
    }
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let other = forge.token(&with(json!({ "sub": "eve" })));
    let (others, _) = other.rsplit_once('.').unwrap();
    let mixed = format!("{others}.{signature}");
    assert_eq!(
        check(&checks, &mixed).map(drop),
        Err(RejectionKind::BadSignature)
    );
    let (_, theirs) = other.rsplit_once('.').unwrap();
    let mixed = format!("{signed}.{theirs}");
    assert_eq!(
        check(&checks, &mixed).map(drop),
        Err(RejectionKind::BadSignature)
    );
    assert_eq!(
        check(&checks, &other).unwrap().subject().as_deref(),
        Some("eve")
    );
    assert_eq!(
        check(&checks, &token).unwrap().subject().as_deref(),
        Some("ada")
    );
    clock.set_forward(std::time::Duration::from_secs(3_661));
    assert_eq!(
        check(&checks, &token).map(drop),
        Err(RejectionKind::Expired)
    );
}
