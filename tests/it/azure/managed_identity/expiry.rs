//! How long a token lives, in every way in which it has been said.

use std::time::Duration;

use auth_core::{ErrorKind, TokenSource};
use auth_testkit::{Fault, Machine};
use serde_json::{Value, json};

use super::IMDS;
use crate::world::{HOUR, MINUTE, World};

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn a_day_is_renewed_at_its_half_and_an_hour_at_its_end() {
    let world = World::on(Machine::virtual_machine());
    let source = world.machine();
    let first = source.token().await.unwrap();
    world.jump(10 * HOUR);
    source.token().await.unwrap();
    source.settled().await;
    assert_eq!(world.server.count(IMDS), 2);
    world.jump(2 * HOUR + MINUTE);
    assert!(
        source.token().await.unwrap().is_same(&first),
        "nobody waits"
    );
    source.settled().await;
    assert_eq!(world.server.count(IMDS), 3);
    assert!(
        !source.token().await.unwrap().is_same(&first),
        "another one was issued"
    );

    let world = World::on(Machine::virtual_machine().with_token_life(HOUR));
    let source = world.machine();
    source.token().await.unwrap();
    world.jump(45 * MINUTE);
    source.token().await.unwrap();
    source.settled().await;
    assert_eq!(world.server.count(IMDS), 2);
}

#[tokio::test(start_paused = true)]
async fn the_services_own_time_for_a_renewal_counts() {
    let world = World::on(Machine::virtual_machine());
    world.spoil(Fault::member("refresh_in", "600"));
    let source = world.machine();
    source.token().await.unwrap();
    world.jump(11 * MINUTE);
    source.token().await.unwrap();
    source.settled().await;
    assert_eq!(world.server.count(IMDS), 3);
}

/// The life of the token in an answer with these members. The test's time is 2026-01-01T00:00:00Z.
async fn life(members: &[(&str, Value)]) -> auth_core::Result<Duration> {
    let world = World::on(Machine::virtual_machine());
    let mut body = json!({ "access_token": "t", "token_type": "Bearer", "resource": "r" });
    for (name, value) in members {
        body[*name] = value.clone();
    }
    world.spoil(Fault::status(200).with_body("application/json", body.to_string()));
    Ok(world.rest(&world.machine().token().await?))
}

#[tokio::test(start_paused = true)]
async fn the_end_is_read_in_every_form() {
    let at: u64 = 1_767_225_600 + 3600;
    for members in [
        vec![("expires_in", json!(3600))],
        vec![("expires_in", json!("3600"))],
        vec![("expires_on", json!(at))],
        vec![("expires_on", json!(at.to_string()))],
        vec![("expires_on", json!("2026-01-01T01:00:00Z"))],
        vec![("expires_on", json!("2026-01-01T01:00:00+00:00"))],
        vec![("expires_on", json!("1/1/2026 1:00:00 AM +00:00"))],
        vec![("expires_on", json!("01/01/2026 01:00:00 AM +00:00"))],
        vec![("expires_in", json!("3600")), ("expires_on", json!("5"))],
        vec![("expires_in", json!("")), ("expires_on", json!(at))],
        vec![("expires_in", json!(null)), ("expires_on", json!(at))],
    ] {
        assert_eq!(life(&members).await.unwrap(), HOUR, "{members:?}");
    }
    assert_eq!(life(&[]).await.unwrap(), 5 * MINUTE, "unstated is short");
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_is_an_error_and_one_that_is_none_makes_no_endless_token() {
    for members in [
        vec![("expires_on", json!("tomorrow"))],
        vec![("expires_in", json!("soon"))],
        vec![("expires_in", json!(0))],
        vec![("expires_in", json!(-1))],
    ] {
        assert_eq!(life(&members).await.unwrap(), 5 * MINUTE, "{members:?}");
    }
    for members in [
        vec![("expires_on", json!("12/31/2025 1:00:00 PM +00:00"))],
        vec![("expires_on", json!(1_767_225_600u64))],
    ] {
        let error = life(&members).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Protocol, "{members:?}: {error}");
        assert!(!error.to_string().contains("\"t\""));
    }
    let long = life(&[("expires_on", json!(u64::MAX))]).await.unwrap();
    assert!(long > 24 * HOUR && long <= 366 * 24 * HOUR);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_five_minutes_are_cached() {
    let world = World::on(Machine::virtual_machine().with_token_life(5 * MINUTE));
    let source = world.machine();
    let token = source.token().await.unwrap();
    for _ in 0..200 {
        assert!(source.token().await.unwrap().is_same(&token));
        world.pass(SECOND).await;
    }
    assert_eq!(world.server.count(IMDS), 2);
}
