//! What is signed.

use std::time::{Duration, SystemTime};

use auth_core::ErrorKind;
use auth_core::assertion::Assertion;
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use super::{claims, part, ready, shared};

const TOKEN_URL: &str = "https://identity.disruptive-technologies.com/oauth2/token";

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn assertion() -> Assertion {
    let key = shared("secret").with_id("key1");
    Assertion::new("sa@project.serviceaccount.d21s.com", key).with_audience(TOKEN_URL)
}

#[tokio::test]
async fn the_assertion_equals_the_published_vector() {
    let token = ready(assertion()).await;
    let token = token.signed_at(at(1_700_000_005)).unwrap();
    let expected_header = json!({"alg": "HS256", "kid": "key1", "typ": "JWT"});
    let expected_claims = json!({
        "iat": 1_700_000_000,
        "exp": 1_700_003_600,
        "aud": TOKEN_URL,
        "iss": "sa@project.serviceaccount.d21s.com",
    });
    assert_eq!(part(&token, 0), expected_header);
    assert_eq!(claims(&token), expected_claims);
    let signature = token.expose_secret().rsplit('.').next().unwrap();
    assert_eq!(signature, "7GmOh-TozdqSzkLwyIM1zBgb38cJ5uPj9C4cRT7S70o");
}

#[tokio::test]
async fn iat_is_back_dated_and_exp_is_never_more_than_an_hour_later() {
    for (life, seconds) in [
        (None, 3600),
        (Some(7200), 3600),
        (Some(300), 300),
        (Some(0), 60),
    ] {
        let assertion = match life {
            Some(life) => assertion().with_life(Duration::from_secs(life)),
            None => assertion(),
        };
        let assertion = ready(assertion).await;
        for now in [
            at(1_700_000_000),
            at(1_700_000_000) + Duration::from_millis(999),
        ] {
            let claims = claims(&assertion.signed_at(now).unwrap());
            let (iat, exp) = (
                claims["iat"].as_u64().unwrap(),
                claims["exp"].as_u64().unwrap(),
            );
            assert_eq!(iat, 1_699_999_995);
            assert_eq!(exp - iat, seconds, "{life:?}");
        }
    }
}

#[tokio::test]
async fn a_clock_at_or_before_the_epoch_is_no_reason_to_panic() {
    let assertion = ready(assertion()).await;
    for now in [
        at(0),
        at(3),
        SystemTime::UNIX_EPOCH - Duration::from_secs(9),
    ] {
        assert_eq!(claims(&assertion.signed_at(now).unwrap())["iat"], 0);
    }
}

#[tokio::test]
async fn what_is_not_set_is_not_said() {
    let assertion = ready(Assertion::new("me", shared("secret"))).await;
    let token = assertion.signed_at(at(100)).unwrap();
    assert_eq!(part(&token, 0), json!({"alg": "HS256", "typ": "JWT"}));
    assert_eq!(claims(&token), json!({"iat": 95, "exp": 3695, "iss": "me"}));
}

#[tokio::test]
async fn every_optional_claim_is_said_when_set() {
    let assertion = assertion()
        .with_audiences([TOKEN_URL])
        .with_subject("robot")
        .with_scopes(["read", "write"])
        .with_claim("target_audience", Value::from("https://api"))
        .unwrap();
    let claims = claims(&ready(assertion).await.signed_at(at(100)).unwrap());
    assert_eq!(claims["aud"], json!([TOKEN_URL]));
    assert_eq!(claims["sub"], "robot");
    assert_eq!(claims["scope"], "read write");
    assert_eq!(claims["target_audience"], "https://api");
}

#[tokio::test]
async fn no_two_assertions_share_a_jti() {
    let assertion = ready(assertion().with_jti()).await;
    let [one, other] = [(), ()].map(|()| claims(&assertion.signed_at(at(100)).unwrap()));
    assert_ne!(one["jti"], other["jti"]);
    assert_eq!(
        one["jti"].as_str().unwrap().len(),
        43,
        "256 bits in base64url"
    );
}

#[test]
fn a_claim_with_a_setting_of_its_own_is_not_said_twice() {
    for name in ["iat", "exp", "aud", "iss", "sub", "scope", "jti"] {
        let error = assertion().with_claim(name, Value::from("x")).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains(name), "{error}");
    }
}

#[tokio::test]
async fn an_assertion_never_prints_its_secret() {
    let assertion = Assertion::new("me", shared("canary"))
        .with_claim("password", Value::from("canary"))
        .unwrap();
    let ready = ready(assertion.clone()).await;
    assert!(!format!("{assertion:?} {ready:?} {ready:#?}").contains("canary"));
}
