//! Junk that would have keys fetched: unknown key ids, bad signatures, implausible tokens.

use std::time::Duration;

use auth_testkit::Fault;
use auth_verify::Bearer;
use auth_verify::RejectionKind::{BadSignature, KeysUnavailable, UnknownKey};
use serde_json::json;

use super::{SECOND, asked, check, claims_of, junk, pair, token};
use crate::verify::forge::Forge;
use crate::verify::{NOW, merged};

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
        let bad = format!("{signed}.{}", crate::verify::forge::b64(forged));
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
