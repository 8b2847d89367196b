//! How keys are fetched: often enough to follow a rotation, never because of junk.

mod limit;
mod outage;
mod place;

use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::SystemClock;
use auth_testkit::{Fault, Server};
use auth_verify::RejectionKind::{BadSignature, KeysUnavailable, UnknownKey};
use auth_verify::{Bearer, Issuer, Keys, RejectionKind, Verifier};
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

#[tokio::test(start_paused = true)]
async fn rule_65_a_remembered_signature_is_no_other_keys_of_the_same_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("jwks.json");
    let publish = |forge: &Forge| {
        let set = json!({ "keys": [forge.jwk()] }).to_string();
        std::fs::write(&path, set).unwrap();
    };
    let (old, new) = (Forge::rsa("k"), Forge::other_rsa("k"));
    publish(&old);
    let keys = Keys::file(&path);
    let checks = super::timed(Verifier::new(super::issuer(keys.clone())));
    let checks = checks.with_signature_memory(16);
    let token = old.token(&super::claims());
    for _ in 0..2 {
        assert_eq!(check(&checks, &token).await, Ok(()));
    }
    publish(&new);
    keys.renew().await.unwrap();
    assert_eq!(check(&checks, &token).await, Err(BadSignature));
    assert_eq!(check(&checks, &new.token(&super::claims())).await, Ok(()));
}
