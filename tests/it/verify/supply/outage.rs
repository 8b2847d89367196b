//! An issuer that is silent, slow, or answers with something else than keys.

use std::time::Duration;

use auth_core::clock::Clock as _;
use auth_testkit::Fault;
use auth_verify::Bearer;
use auth_verify::RejectionKind::{KeysUnavailable, Misconfigured, UnknownKey};
use serde_json::json;

use super::{SECOND, asked, check, checks_with, claims_of, junk, pair, token};
use crate::verify::forge::Forge;
use crate::world::{HOUR, MINUTE, World};

#[tokio::test(start_paused = true)]
async fn a_cold_verifier_of_a_silent_issuer_tries_again_after_growing_pauses() {
    let (world, checks) = pair();
    world.server.fault("/jwks", Fault::status(500).always());
    let good = token(&world).await;
    for _ in 0..100 {
        assert_eq!(check(&checks, &good).await, Err(KeysUnavailable));
        world.pass(SECOND / 10).await;
    }
    assert!(asked(&world) <= 4, "{} in 10 s", asked(&world));
    let rejection = checks.verify(Bearer::new(&good)).await.unwrap_err();
    assert!(rejection.is_transient() && rejection.retry_after().is_some());
    assert_eq!(rejection.status(), 503);
    assert!(rejection.challenge().is_none());
    world.server.clear_faults();
    world.pass(40 * SECOND).await;
    assert_eq!(check(&checks, &good).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn keys_outlive_an_outage_by_a_day_and_no_longer() {
    let (world, checks) = pair();
    let good = token(&world).await;
    check(&checks, &good).await.unwrap();
    world.server.fault("/jwks", Fault::status(500).always());
    world.pass(HOUR).await;
    for _ in 0..50 {
        assert_eq!(check(&checks, &good).await, Ok(()));
    }
    assert!(asked(&world) <= 3, "{}", asked(&world));
    world.pass(22 * HOUR).await;
    assert_eq!(check(&checks, &good).await, Ok(()));
    // A key that is not among them may be good: nobody can say.
    checks.issuers()[0].keys().settled().await;
    assert_eq!(check(&checks, &junk(0)).await, Err(KeysUnavailable));
    world.pass(HOUR).await;
    assert_eq!(check(&checks, &good).await, Err(KeysUnavailable));
    world.server.clear_faults();
    world.pass(MINUTE).await;
    assert_eq!(check(&checks, &good).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn the_pause_that_the_issuer_asks_for_is_kept() {
    let (world, checks) = pair();
    world
        .server
        .fault("/jwks", Fault::status(503).with_retry_after(2 * MINUTE));
    let good = token(&world).await;
    assert_eq!(check(&checks, &good).await, Err(KeysUnavailable));
    world.pass(MINUTE).await;
    assert_eq!(check(&checks, &good).await, Err(KeysUnavailable));
    assert_eq!(asked(&world), 1);
    world.pass(MINUTE).await;
    assert_eq!(check(&checks, &good).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_renewal_that_may_work_at_once_is_tried_once_more_and_none_that_was_told_to_wait() {
    let busy = Fault::status(503).with_retry_after(MINUTE);
    for (fault, fetches) in [(Fault::status(503), 3), (busy, 2), (Fault::status(404), 2)] {
        let (world, checks) = pair();
        let good = token(&world).await;
        assert_eq!(check(&checks, &good).await, Ok(()));
        world.pass(55 * MINUTE).await;
        let shown = format!("{fault:?}");
        world.server.fault("/jwks", fault);
        assert_eq!(check(&checks, &good).await, Ok(()), "{shown}");
        checks.issuers()[0].keys().settled().await;
        assert_eq!(asked(&world), fetches, "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_pause_may_be_a_date_and_is_at_most_five_minutes() {
    let (world, checks) = pair();
    let later = world.clock.now().wall + HOUR;
    let fault = Fault::status(503).with_retry_at(later);
    world.server.fault("/jwks", fault);
    let good = token(&world).await;
    assert_eq!(check(&checks, &good).await, Err(KeysUnavailable));
    world.pass(299 * SECOND).await;
    assert_eq!(check(&checks, &good).await, Err(KeysUnavailable));
    assert_eq!(asked(&world), 1);
    world.pass(SECOND).await;
    assert_eq!(check(&checks, &good).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_no_key_set_is_a_failed_fetch() {
    for fault in [
        Fault::html(200),
        Fault::refusal(200, "server_error"),
        Fault::status(204),
        Fault::truncated(),
        Fault::cut(),
        Fault::reset(),
        Fault::status(429),
        Fault::status(408),
        Fault::without("keys"),
        Fault::member("keys", json!([])),
        Fault::member("keys", json!("text")),
        Fault::huge(200 << 20),
    ] {
        let (world, checks) = pair();
        let shown = format!("{fault:?}");
        world.server.fault("/jwks", fault);
        let good = token(&world).await;
        assert_eq!(check(&checks, &good).await, Err(KeysUnavailable), "{shown}");
        assert_eq!(world.server.count("/api"), 0);
        world.pass(2 * SECOND).await;
        assert_eq!(check(&checks, &good).await, Ok(()), "{shown}");
    }
}

/// A wrong address is as wrong in a minute. It is tried again all the same, and known keys stay.
#[tokio::test(start_paused = true)]
async fn a_place_where_no_keys_are_is_the_services_own_fault() {
    for fault in [
        Fault::status(404),
        Fault::status(410),
        Fault::status(401),
        Fault::status(405),
        Fault::redirect(302, "https://evil.test/jwks"),
        Fault::redirect(307, "https://auth.test/api"),
    ] {
        let (world, checks) = pair();
        let shown = format!("{fault:?}");
        world.server.fault("/jwks", fault.clone());
        let good = token(&world).await;
        let rejection = checks.verify(Bearer::new(&good)).await.unwrap_err();
        assert_eq!(
            (rejection.kind(), rejection.status().as_u16()),
            (Misconfigured, 500),
            "{shown}"
        );
        assert!(!rejection.headers().contains_key("retry-after"), "{shown}");
        assert_eq!(world.server.count("/api"), 0);
        world.pass(2 * SECOND).await;
        assert_eq!(check(&checks, &good).await, Ok(()), "{shown}");
        world.server.fault("/jwks", fault.always());
        world.pass(2 * HOUR).await;
        let later = token(&world).await;
        assert_eq!(check(&checks, &later).await, Ok(()), "{shown}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_dripping_answer_ends_after_five_seconds_and_known_keys_do_not_wait() {
    let (world, checks) = pair();
    world.server.fault("/jwks", Fault::drip(SECOND));
    let good = token(&world).await;
    let before = tokio::time::Instant::now();
    assert_eq!(check(&checks, &good).await, Err(KeysUnavailable));
    assert!(before.elapsed() <= Duration::from_millis(5_500));
    world.pass(2 * SECOND).await;
    check(&checks, &good).await.unwrap();

    world.server.fault("/jwks", Fault::drip(SECOND).always());
    let waits = tokio::spawn({
        let checks = checks.clone();
        async move { check(&checks, &junk(0)).await }
    });
    world.pass(SECOND).await;
    let before = tokio::time::Instant::now();
    assert_eq!(check(&checks, &good).await, Ok(()));
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(waits.await.unwrap(), Err(KeysUnavailable));
}

/// A renewal that nobody waits for tries twice. Somebody may come to wait for it meanwhile.
#[tokio::test(start_paused = true)]
async fn who_joins_a_renewal_waits_no_longer_than_for_a_fetch() {
    let (world, checks) = pair();
    let good = token(&world).await;
    check(&checks, &good).await.unwrap();
    world.server.fault("/jwks", Fault::drip(SECOND).always());
    world.pass(55 * MINUTE).await;
    check(&checks, &good).await.unwrap();
    tokio::task::yield_now().await;
    let before = tokio::time::Instant::now();
    assert_eq!(check(&checks, &junk(0)).await, Err(KeysUnavailable));
    assert!(before.elapsed() <= Duration::from_millis(5_500));
    // What fails at once is asked for twice, and then keys are there.
    world.server.clear_faults();
    world.pass(HOUR).await;
    let (world, checks) = pair();
    let good = token(&world).await;
    check(&checks, &good).await.unwrap();
    world.server.fault("/jwks", Fault::status(500));
    world.pass(55 * MINUTE).await;
    check(&checks, &good).await.unwrap();
    checks.issuers()[0].keys().settled().await;
    let stats = checks.issuers()[0].keys().stats();
    assert_eq!((asked(&world), stats.fetched, stats.failed), (3, 2, 0));
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_the_keys_bridges_a_start_during_an_outage() {
    let world = World::with_life(100 * HOUR);
    let good = token(&world).await;
    let forge = Forge::p256("spare");
    let set =
        || auth_verify::KeySet::from_jwks(json!({ "keys": [forge.jwk()] }).to_string()).unwrap();
    world.server.fault("/jwks", Fault::status(500).always());
    let checks = checks_with(&world, |keys| keys.with_snapshot(set()).unwrap());
    let of_snapshot = forge.token(&claims_of("https://auth.test"));
    assert_eq!(check(&checks, &of_snapshot).await, Ok(()));
    world.server.clear_faults();
    world.pass(5 * SECOND).await;
    check(&checks, &of_snapshot).await.unwrap();
    checks.issuers()[0].keys().settled().await;
    assert_eq!(check(&checks, &good).await, Ok(()));
    assert_eq!(check(&checks, &of_snapshot).await, Err(UnknownKey));
}
