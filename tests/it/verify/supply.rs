//! How keys are fetched: often enough to follow a rotation, never because of junk.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::clock::{Clock as _, SystemClock};
use auth_core::{BoxFuture, Error, ErrorKind, Provider, Result};
use auth_testkit::{Fault, Server};
use auth_verify::RejectionKind::{BadSignature, KeysUnavailable, Misconfigured, UnknownKey};
use auth_verify::{Bearer, Issuer, KeySource, Keys, RejectionKind, Verifier};
use serde_json::json;

use super::forge::Forge;
use super::{NOW, merged};
use crate::world::{HOUR, MINUTE, World};

const SECOND: Duration = Duration::from_secs(1);

fn checks(world: &World) -> Verifier {
    checks_with(world, |keys| keys)
}

fn checks_with(world: &World, change: impl FnOnce(Keys) -> Keys) -> Verifier {
    let keys = Keys::at(world.server.url("/jwks"), world.io()).unwrap();
    let issuer = Issuer::new(&world.server.issuer(), "api", change(keys)).unwrap();
    Verifier::new(issuer)
}

/// A new token of the server.
async fn token(world: &World) -> String {
    world
        .robot()
        .renew()
        .await
        .unwrap()
        .expose_secret()
        .to_owned()
}

async fn check(checks: &Verifier, token: &str) -> std::result::Result<(), RejectionKind> {
    let outcome = checks.verify(Bearer::new(token)).await;
    outcome.map(drop).map_err(|rejection| rejection.kind())
}

/// A token of somebody else that names a key which does not exist.
fn junk(number: usize) -> String {
    let forge = Forge::p256(&format!("unknown-{number}"));
    forge.token(&claims_of("https://auth.test"))
}

fn claims_of(issuer: &str) -> serde_json::Value {
    merged(
        super::claims(),
        json!({ "iss": issuer, "exp": NOW + 500_000 }),
    )
}

#[tokio::test(start_paused = true)]
async fn the_clock_of_io_is_the_verifiers_too() {
    let world = World::new();
    let checks = checks(&world);
    let token = token(&world).await;
    check(&checks, &token).await.unwrap();
    world.pass(2 * HOUR).await;
    assert_eq!(check(&checks, &token).await, Err(RejectionKind::Expired));
    let late = checks.with_clock(Arc::new(SystemClock::new()));
    assert_ne!(check(&late, &token).await, Ok(()));
}

fn asked(world: &World) -> usize {
    world.server.count("/jwks")
}

#[tokio::test(start_paused = true)]
async fn a_crowd_of_cold_callers_makes_one_fetch() {
    let (world, checks) = pair();
    world
        .server
        .fault("/jwks", Fault::delay(Duration::from_millis(50)).always());
    let good = token(&world).await;
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let (checks, good) = (checks.clone(), good.clone());
            tokio::spawn(async move { check(&checks, &good).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ok(()));
    }
    assert_eq!(asked(&world), 1);
}

fn pair() -> (World, Verifier) {
    let world = World::with_life(100 * HOUR);
    let checks = checks(&world);
    (world, checks)
}

#[tokio::test(start_paused = true)]
async fn two_hundred_unknown_keys_make_at_most_two_fetches() {
    let (world, checks) = pair();
    let good = token(&world).await;
    assert_eq!(check(&checks, &good).await, Ok(()));
    assert_eq!(asked(&world), 1);
    for number in 0..200 {
        // Where nobody asked, nobody can say.
        let expected = if number < 2 {
            UnknownKey
        } else {
            KeysUnavailable
        };
        assert_eq!(check(&checks, &junk(number)).await, Err(expected));
    }
    assert_eq!(asked(&world), 3);
    let rejection = checks.verify(Bearer::new(&junk(200))).await.unwrap_err();
    let wait = rejection.retry_after().unwrap();
    assert!(wait <= 30 * SECOND && wait >= 25 * SECOND, "{wait:?}");
    let stats = checks.issuers()[0].keys().stats();
    assert!(stats.limited >= 198, "{stats:?}");
    // One more every thirty seconds.
    world.pass(30 * SECOND).await;
    for number in 0..10 {
        let expected = if number < 1 {
            UnknownKey
        } else {
            KeysUnavailable
        };
        assert_eq!(check(&checks, &junk(number)).await, Err(expected));
    }
    assert_eq!(asked(&world), 4);
    assert_eq!(check(&checks, &good).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_junk_makes_nobody_throw_a_good_token_away() {
    let (world, checks) = pair();
    check(&checks, &token(&world).await).await.unwrap();
    for number in 0..10 {
        assert!(check(&checks, &junk(number)).await.is_err());
    }
    // The server takes another key just now, and nobody may ask about it yet.
    world.server.rotate_keys(true);
    let new = token(&world).await;
    let rejection = checks.verify(Bearer::new(&new)).await.unwrap_err();
    assert_eq!(
        (rejection.kind(), rejection.status().as_u16()),
        (KeysUnavailable, 503)
    );
    let wait = rejection.retry_after().unwrap();
    let said = rejection.headers()["retry-after"]
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        Duration::from_secs(said.parse().unwrap()) >= wait,
        "{said} s instead of {wait:?}"
    );
    assert!(rejection.challenge().is_none());
    world.pass(wait).await;
    assert_eq!(check(&checks, &new).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_fetch_that_found_its_key_is_free_of_the_limit() {
    let (world, checks) = pair();
    check(&checks, &token(&world).await).await.unwrap();
    for _ in 0..10 {
        world.server.rotate_keys(true);
        let new = token(&world).await;
        assert_eq!(check(&checks, &new).await, Ok(()));
    }
    assert_eq!(asked(&world), 11);
    // And nobody makes more of it than one fetch each.
    for number in 0..10 {
        assert!(check(&checks, &junk(number)).await.is_err());
    }
    assert_eq!(asked(&world), 13);
}

#[tokio::test(start_paused = true)]
async fn a_withdrawn_key_can_be_thrown_away_now() {
    let world = World::with_life(100 * HOUR);
    let checks = checks_with(&world, |keys| keys.with_removed_kept(HOUR).unwrap());
    let keys = checks.issuers()[0].keys();
    let old = token(&world).await;
    check(&checks, &old).await.unwrap();
    world.server.rotate_keys(false);
    // Fresh as they are, nobody asks.
    keys.warm_up().await.unwrap();
    assert_eq!((check(&checks, &old).await, asked(&world)), (Ok(()), 1));
    keys.renew().await.unwrap();
    assert_eq!(asked(&world), 2);
    assert_eq!(check(&checks, &old).await, Err(UnknownKey));
    let new = token(&world).await;
    check(&checks, &new).await.unwrap();
    // A renewal that fails leaves what is there; what is forgotten is gone at once.
    world.server.fault("/jwks", Fault::status(500).always());
    assert!(keys.renew().await.is_err());
    assert_eq!(check(&checks, &new).await, Ok(()));
    keys.forget().unwrap();
    assert_eq!(check(&checks, &new).await, Err(KeysUnavailable));
    world.server.clear_faults();
    world.pass(MINUTE).await;
    assert_eq!(check(&checks, &new).await, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn unknown_keys_from_many_sides_make_at_most_two_fetches_and_delay_no_one() {
    let (world, checks) = pair();
    world
        .server
        .fault("/jwks", Fault::delay(Duration::from_millis(50)).always());
    let good = token(&world).await;
    check(&checks, &good).await.unwrap();
    let calls: Vec<_> = (0..16)
        .map(|task| {
            let checks = checks.clone();
            tokio::spawn(async move {
                for number in 0..13 {
                    let kind = check(&checks, &junk(task * 100 + number)).await;
                    assert!(
                        matches!(kind, Err(UnknownKey | KeysUnavailable)),
                        "{kind:?}"
                    );
                }
            })
        })
        .collect();
    tokio::task::yield_now().await;
    let before = tokio::time::Instant::now();
    assert_eq!(check(&checks, &good).await, Ok(()));
    assert_eq!(before.elapsed(), Duration::ZERO);
    for call in calls {
        call.await.unwrap();
    }
    assert!(asked(&world) <= 3, "{}", asked(&world));
}

#[tokio::test(start_paused = true)]
async fn a_bad_signature_is_no_reason_to_fetch() {
    let (world, checks) = pair();
    let good = token(&world).await;
    check(&checks, &good).await.unwrap();
    let (signed, _) = good.rsplit_once('.').unwrap();
    for _ in 0..200 {
        let forged = Forge::p256("x").sign(signed.as_bytes());
        let bad = format!("{signed}.{}", super::forge::b64(forged));
        assert_eq!(check(&checks, &bad).await, Err(BadSignature));
    }
    assert_eq!(asked(&world), 1);
}

#[tokio::test(start_paused = true)]
async fn implausible_tokens_are_no_reason_to_fetch() {
    let (world, checks) = pair();
    let forge = Forge::p256("unknown");
    for changes in [
        json!({ "aud": "other" }),
        json!({ "exp": 1 }),
        json!({ "nbf": NOW + 9_000_000 }),
        json!({ "iss": "https://other.test" }),
        json!({ "exp": null }),
    ] {
        let token = forge.token(&merged(claims_of("https://auth.test"), changes));
        assert!(check(&checks, &token).await.is_err());
    }
    assert_eq!(asked(&world), 0);
}

#[tokio::test(start_paused = true)]
async fn keys_that_rotate_right_after_a_fetch_are_found() {
    let (world, checks) = pair();
    let old = token(&world).await;
    check(&checks, &old).await.unwrap();
    for _ in 0..2 {
        world.server.rotate_keys(true);
        let new = token(&world).await;
        assert_eq!(check(&checks, &new).await, Ok(()));
    }
    assert_eq!(check(&checks, &old).await, Ok(()));
    assert_eq!(asked(&world), 3);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_dropped_at_the_server_is_dead_with_the_next_fetch() {
    let (world, checks) = pair();
    let old = token(&world).await;
    check(&checks, &old).await.unwrap();
    world.server.rotate_keys(false);
    assert_eq!(check(&checks, &old).await, Ok(()), "nobody knows yet");
    let new = token(&world).await;
    assert_eq!(check(&checks, &new).await, Ok(()));
    assert_eq!(check(&checks, &old).await, Err(UnknownKey));

    // Without a new token, within the life of the set.
    let (world, checks) = pair();
    let old = token(&world).await;
    check(&checks, &old).await.unwrap();
    world.server.rotate_keys(false);
    world.pass(HOUR).await;
    assert_eq!(check(&checks, &old).await, Err(UnknownKey));
}

#[tokio::test(start_paused = true)]
async fn a_removed_key_is_kept_where_somebody_asks_for_it() {
    let world = World::with_life(100 * HOUR);
    let checks = checks_with(&world, |keys| keys.with_removed_kept(10 * MINUTE).unwrap());
    let old = token(&world).await;
    check(&checks, &old).await.unwrap();
    world.server.rotate_keys(false);
    check(&checks, &token(&world).await).await.unwrap();
    assert_eq!(check(&checks, &old).await, Ok(()));
    world.pass(10 * MINUTE).await;
    assert_eq!(check(&checks, &old).await, Err(UnknownKey));
}

#[tokio::test(start_paused = true)]
async fn keys_are_renewed_ahead_of_time_and_nobody_waits() {
    let (world, checks) = pair();
    world.server.fault("/jwks", Fault::delay(SECOND).always());
    let good = token(&world).await;
    check(&checks, &good).await.unwrap();
    world.pass(41 * MINUTE).await;
    check(&checks, &good).await.unwrap();
    assert_eq!(asked(&world), 1, "not before 70 % of the life");
    world.pass(14 * MINUTE).await;
    let before = tokio::time::Instant::now();
    check(&checks, &good).await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO);
    checks.issuers()[0].keys().settled().await;
    assert_eq!(asked(&world), 2);
}

#[tokio::test(start_paused = true)]
async fn the_servers_own_max_age_counts_within_bounds() {
    for (max_age, fresh, due) in [
        (1, 209, 271),
        (7_200, 5_000, 6_500),
        (900_000, 60_000, 78_000),
    ] {
        let (world, checks) = pair();
        let cached = Fault::delay(Duration::ZERO)
            .with_header("cache-control", &format!("public, max-age={max_age}"));
        world.server.fault("/jwks", cached.always());
        let good = token(&world).await;
        check(&checks, &good).await.unwrap();
        world.pass(fresh * SECOND).await;
        check(&checks, &good).await.unwrap();
        assert_eq!(asked(&world), 1, "{max_age}");
        world.pass((due - fresh) * SECOND).await;
        check(&checks, &good).await.unwrap();
        checks.issuers()[0].keys().settled().await;
        assert_eq!(asked(&world), 2, "{max_age}");
    }
}

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
async fn a_fetch_outlives_the_caller_who_started_it() {
    let (world, checks) = pair();
    world.server.fault("/jwks", Fault::delay(SECOND));
    let good = token(&world).await;
    let impatient = tokio::time::timeout(SECOND / 2, check(&checks, &good)).await;
    assert!(impatient.is_err());
    checks.issuers()[0].keys().settled().await;
    assert!(checks.verify_at_hand(Bearer::new(&good)).unwrap().is_ok());
    assert_eq!(asked(&world), 1);
}

/// No fetch needs the runtime that it was first asked on.
#[test]
fn a_fetch_that_dies_with_its_runtime_is_made_again_on_another() {
    let runtime = || tokio::runtime::Runtime::new().unwrap();
    let (server, forge) = (Server::new(SystemClock::new()), Forge::p256("k"));
    let keys = json!({ "keys": [forge.jwk()] }).to_string();
    let answer = || Fault::status(200).with_body("application/json", keys.clone());
    server.fault("/jwks", answer().with_delay(MINUTE));
    server.fault("/jwks", answer());
    let keys = Keys::at(server.url("/jwks"), server.io()).unwrap();
    let checks = Verifier::new(Issuer::new(&server.issuer(), "api", keys).unwrap());
    let claims = merged(
        claims_of(&server.issuer()),
        json!({ "exp": 9_999_999_999_u64 }),
    );
    let good = forge.token(&claims);
    runtime().block_on(async {
        let impatient = tokio::time::timeout(SECOND / 5, check(&checks, &good)).await;
        assert!(impatient.is_err());
    });
    assert_eq!(runtime().block_on(check(&checks, &good)), Ok(()));
    // They are at hand on no runtime at all.
    assert!(checks.verify_at_hand(Bearer::new(&good)).unwrap().is_ok());
    assert_eq!(server.count("/jwks"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_verifier_can_be_warmed_up_and_then_needs_no_network() {
    let (world, checks) = pair();
    let good = token(&world).await;
    assert!(checks.verify_at_hand(Bearer::new(&good)).is_none());
    let keys = checks.issuers()[0].keys();
    keys.warm_up().await.unwrap();
    keys.warm_up().await.unwrap();
    assert_eq!(asked(&world), 1);
    assert!(checks.verify_at_hand(Bearer::new(&good)).unwrap().is_ok());
    let stats = keys.stats();
    assert_eq!(
        (stats.fetched, stats.failed, stats.keys, stats.left_out),
        (1, 0, 1, 0)
    );
    assert_eq!(stats.age, Some(Duration::ZERO));
    let cold = self::checks(&world);
    world.server.fault("/jwks", Fault::status(500));
    assert!(cold.issuers()[0].keys().warm_up().await.is_err());
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

#[tokio::test(start_paused = true)]
async fn keys_are_found_by_discovery_on_the_issuers_own_host() {
    let world = World::with_life(100 * HOUR);
    let discovered = |host: Option<&str>| {
        let keys = Keys::discovered(Provider::new(world.server.issuer(), world.io()).unwrap());
        let keys = match host {
            Some(host) => keys.with_host(host).unwrap(),
            None => keys,
        };
        let issuer = Issuer::new(&world.server.issuer(), "api", keys).unwrap();
        Verifier::new(issuer)
    };
    let good = token(&world).await;
    assert_eq!(check(&discovered(None), &good).await, Ok(()));
    let place = "/.well-known/openid-configuration";
    let elsewhere = || Fault::member("jwks_uri", "https://keys.test/jwks");
    world.server.fault(place, elsewhere());
    assert_eq!(check(&discovered(None), &good).await, Err(Misconfigured));
    world.server.fault(place, elsewhere());
    assert_eq!(check(&discovered(Some("keys.test")), &good).await, Ok(()));
    // Clusters and build services have keys and no token endpoint.
    world.server.fault(place, Fault::without("token_endpoint"));
    assert_eq!(check(&discovered(None), &good).await, Ok(()));
    for spoiled in [
        Fault::member("issuer", "https://evil.test"),
        Fault::member("issuer", "https://auth.test/"),
        Fault::member("jwks_uri", "http://auth.test/jwks"),
        Fault::without("jwks_uri"),
    ] {
        let before = asked(&world);
        world.server.fault(place, spoiled);
        assert_eq!(check(&discovered(None), &good).await, Err(Misconfigured));
        assert_eq!(asked(&world), before);
    }
}

/// A place of the caller's own, which counts how often it is asked.
#[derive(Clone, Debug)]
struct Vault {
    asked: Arc<AtomicUsize>,
    answer: Result<String>,
}

impl KeySource for Vault {
    fn jwks(&self) -> BoxFuture<'_, Result<Vec<u8>>> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let answer = self.answer.clone().map(String::into_bytes);
        Box::pin(async { answer })
    }
}

#[tokio::test(start_paused = true)]
async fn keys_from_a_place_of_the_callers_own_follow_the_same_policy() {
    let (world, forge) = (World::new(), Forge::p256("k"));
    let claims = claims_of("https://auth.test");
    let checks_of = |vault: &Vault| {
        let keys = Keys::from_source(vault.clone(), world.io());
        let issuer = Issuer::new("https://auth.test", "api", keys).unwrap();
        Verifier::new(issuer)
    };
    let mut vault = Vault {
        asked: Arc::default(),
        answer: Ok(json!({ "keys": [forge.jwk()] }).to_string()),
    };
    let checks = checks_of(&vault);
    for _ in 0..3 {
        assert_eq!(check(&checks, &forge.token(&claims)).await, Ok(()));
    }
    for number in 0..50 {
        let expected = if number < 2 {
            UnknownKey
        } else {
            KeysUnavailable
        };
        assert_eq!(check(&checks, &junk(number)).await, Err(expected));
    }
    assert_eq!(vault.asked.swap(0, Ordering::SeqCst), 3);

    vault.answer = Err(Error::unavailable("sealed"));
    let checks = checks_of(&vault);
    for _ in 0..50 {
        let outcome = check(&checks, &forge.token(&claims)).await;
        assert_eq!(outcome, Err(KeysUnavailable));
    }
    assert_eq!(vault.asked.load(Ordering::SeqCst), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_65_a_remembered_signature_is_gone_with_its_key() {
    let (world, checks) = pair();
    let checks = checks.with_signature_memory(16);
    let old = token(&world).await;
    for _ in 0..2 {
        assert_eq!(check(&checks, &old).await, Ok(()));
    }
    world.server.rotate_keys(false);
    assert_eq!(check(&checks, &token(&world).await).await, Ok(()));
    assert_eq!(check(&checks, &old).await, Err(UnknownKey));
}

#[test]
fn keys_come_over_https_or_from_loopback() {
    let at = |url: &str| Keys::at(url.parse().unwrap(), auth_core::Io::new()).is_ok();
    assert!(at("https://a.b/jwks?x=y") && at("http://127.0.0.1:8/jwks") && at("http://localhost/"));
    for bad in [
        "http://a.b/jwks",
        "file:///etc/keys",
        "ftp://a.b/",
        "https://u@a.b/",
        "https://u:p@a.b/",
        "https://a.b/#x",
        "http://169.254.169.254/",
        "data:text/plain,x",
    ] {
        assert!(!at(bad), "{bad}");
    }
}

#[tokio::test]
async fn keys_in_a_file_are_read_again_when_it_changes() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let (old, new) = (Forge::p256("old"), Forge::p256("new"));
    let write = |forge: &Forge| {
        std::fs::write(&path, json!({ "keys": [forge.jwk()] }).to_string()).unwrap();
    };
    let checks = super::timed(Verifier::new(super::issuer(Keys::file(&path))));
    assert_eq!(
        check(&checks, &old.token(&super::claims())).await,
        Err(KeysUnavailable)
    );
    write(&old);
    let checks = super::timed(Verifier::new(super::issuer(Keys::file(&path))));
    assert_eq!(check(&checks, &old.token(&super::claims())).await, Ok(()));
    let blanks = vec![b' '; (1 << 20) + 1];
    let long = folder.path().join("long.json");
    std::fs::write(&long, blanks).unwrap();
    for never in [&*long, folder.path()] {
        let error = Keys::file(never).warm_up().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    }
    write(&new);
    let later = std::time::SystemTime::now() + SECOND;
    std::fs::File::options()
        .append(true)
        .open(&path)
        .unwrap()
        .set_modified(later)
        .unwrap();
    assert_eq!(check(&checks, &new.token(&super::claims())).await, Ok(()));
    assert_eq!(
        check(&checks, &old.token(&super::claims())).await,
        Err(UnknownKey)
    );
}
