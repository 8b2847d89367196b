//! Rules 34 to 36: when a token is good.

use std::sync::Arc;
use std::time::Duration;

use auth_testkit::TestClock;
use auth_verify::RejectionKind::{BadClaim, Expired, NotYetValid, TooOld};
use serde_json::json;

use super::{of, usual};
use crate::verify::forge::Forge;
use crate::verify::{NOW, assert_accepted, assert_refused, claims, issuer, keys, verifier};

#[test]
fn rule_34_every_token_ends() {
    let world = usual();
    world.accepts(json!({ "exp": NOW + 1 }));
    world.accepts(json!({ "exp": 9_223_372_036_854_775_808_u64 }));
    world.accepts(json!({ "exp": u64::MAX }));
    world.accepts(json!({ "exp": NOW as f64 + 0.5 }));
    assert_eq!(world.raw("exp", "1.8e10"), Ok(()));
    for other in [
        json!(null),
        json!("1234"),
        json!(true),
        json!([NOW + 60]),
        json!({}),
        json!(""),
    ] {
        world.refuses(json!({ "exp": other }), BadClaim);
    }
    assert_eq!(world.raw("exp", "null"), Err(BadClaim));
    for past in [
        json!(0),
        json!(-1),
        json!(NOW - 61),
        json!(-9_223_372_036_854_775_808_i64),
    ] {
        world.refuses(json!({ "exp": past }), Expired);
    }
}

#[test]
fn rule_35_a_token_from_the_future_waits() {
    let world = usual();
    for name in ["nbf", "iat"] {
        world.accepts(json!({ name: null }));
        world.accepts(json!({ name: NOW }));
        world.accepts(json!({ name: 0 }));
        world.accepts(json!({ name: -5 }));
        world.accepts(json!({ name: NOW as f64 - 0.5 }));
        for future in [
            json!(NOW + 3_600),
            json!(u64::MAX),
            json!(9_223_372_036_854_775_808_u64),
        ] {
            world.refuses(json!({ name: future }), NotYetValid);
        }
        for other in [json!("0"), json!(true), json!([]), json!({})] {
            world.refuses(json!({ name: other }), BadClaim);
        }
        assert_eq!(world.raw(name, "null"), Err(BadClaim));
    }
    let strict = of(|issuer| issuer.with_max_age(Duration::from_secs(600)));
    strict.accepts(json!({ "iat": NOW - 660 }));
    strict.refuses(json!({ "iat": NOW - 661 }), TooOld);
    strict.refuses(json!({ "iat": null }), BadClaim);
}

#[test]
fn rule_36_clocks_may_be_a_minute_apart_and_never_more_than_five() {
    let world = usual();
    world.accepts(json!({ "exp": NOW - 59 }));
    world.refuses(json!({ "exp": NOW - 60 }), Expired);
    world.accepts(json!({ "nbf": NOW + 60, "iat": NOW + 60 }));
    world.refuses(json!({ "nbf": NOW + 61 }), NotYetValid);
    let exact = of(|issuer| issuer.with_leeway(Duration::ZERO).unwrap());
    exact.accepts(json!({ "exp": NOW + 1, "nbf": NOW }));
    exact.refuses(json!({ "exp": NOW }), Expired);
    exact.refuses(json!({ "nbf": NOW + 1 }), NotYetValid);
    let five = of(|issuer| issuer.with_leeway(Duration::from_secs(300)).unwrap());
    five.accepts(json!({ "exp": NOW - 299 }));
    let forge = Forge::ed25519("k");
    let more = issuer(keys(&[&forge])).with_leeway(Duration::from_secs(301));
    assert!(more.is_err());
}

#[tokio::test(start_paused = true)]
async fn rule_36_the_clock_is_the_one_that_was_given() {
    let (forge, clock) = (Forge::ed25519("k"), TestClock::new());
    let checks = verifier(&[&forge]).with_clock(Arc::new(clock.clone()));
    let token = forge.token(&claims());
    assert_accepted(&checks, &token);
    clock.set_forward(Duration::from_secs(3_661));
    assert_refused(&checks, &token, Expired);
    clock.set_back(Duration::from_secs(3_661 + 61));
    assert_refused(&checks, &token, NotYetValid);
}
