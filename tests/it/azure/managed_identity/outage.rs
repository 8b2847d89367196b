//! A metadata service that is busy, replaced, or away for a while.

use std::time::Duration;

use auth_core::{ErrorKind, TokenSource};
use auth_testkit::{Fault, Machine};

use super::{IMDS, error};
use crate::world::{HOUR, MINUTE, World, on_both_runtimes, slowly};

#[tokio::test(start_paused = true)]
async fn a_service_that_is_replaced_is_waited_for_longer_than_70_seconds() {
    let world = World::on(Machine::virtual_machine());
    world.spoil(Fault::status(410).times(5));
    let before = tokio::time::Instant::now();
    world.machine().token().await.unwrap();
    assert_eq!(before.elapsed(), Duration::from_secs(75));
    assert_eq!(world.server.count(IMDS), 1 + 6);
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_five_times_more_within_a_minute() {
    for status in [404, 429, 500, 502, 503, 504] {
        let world = World::on(Machine::virtual_machine());
        world.spoil(Fault::status(status).times(5));
        let before = tokio::time::Instant::now();
        world.machine().token().await.unwrap();
        let waited = before.elapsed();
        assert!(
            Duration::from_secs(24) <= waited && waited < MINUTE,
            "{status}: {waited:?}"
        );

        let world = World::on(Machine::virtual_machine());
        world.spoil(Fault::status(status).always());
        let error = error(&world.machine()).await;
        assert_eq!(error.kind(), ErrorKind::Unavailable);
        assert_eq!(error.status(), Some(status));
        assert_eq!(world.server.count(IMDS), 1 + 6);
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_pass_is_not_tried_again() {
    for (fault, kind) in [
        (Fault::status(400), ErrorKind::Refused),
        (Fault::status(401), ErrorKind::Refused),
        (Fault::refusal(403, "access_denied"), ErrorKind::Refused),
        (Fault::html(200), ErrorKind::Protocol),
        (Fault::status(200), ErrorKind::Protocol),
        (Fault::truncated(), ErrorKind::Protocol),
        (Fault::redirect(302, "https://a.b/"), ErrorKind::Refused),
    ] {
        let world = World::on(Machine::virtual_machine());
        world.spoil(fault.clone());
        let error = error(&world.machine()).await;
        assert_eq!(error.kind(), kind, "{fault:?}: {error}");
        assert_eq!(world.server.count(IMDS), 2, "{fault:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_pause_that_the_service_asks_for_is_kept_or_handed_on() {
    let world = World::on(Machine::virtual_machine());
    world.spoil(Fault::status(429).with_retry_after(Duration::from_secs(40)));
    let before = tokio::time::Instant::now();
    world.machine().token().await.unwrap();
    assert_eq!(before.elapsed(), Duration::from_secs(40));

    let world = World::on(Machine::virtual_machine());
    world.spoil(Fault::status(429).with_retry_after(HOUR).always());
    let before = tokio::time::Instant::now();
    let error = error(&world.machine()).await;
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.retry_after(), Some(HOUR));
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_breaks_is_made_again() {
    let world = World::on(Machine::virtual_machine());
    world.spoil(Fault::reset().times(2));
    world.machine().token().await.unwrap();
    assert_eq!(world.server.count(IMDS), 1 + 3);
}

#[test]
fn a_renewal_that_fails_serves_the_token_that_works_and_makes_nobody_wait() {
    on_both_runtimes(async || {
        let world = World::on(Machine::virtual_machine());
        let source = world.machine();
        let token = source.token().await.unwrap();
        source.settled().await;
        world.jump(13 * HOUR);
        world
            .server
            .fault(IMDS, Fault::status(400).with_delay(slowly()).always());
        let before = tokio::time::Instant::now();
        for answer in crate::world::crowd(&source).await {
            assert!(answer.unwrap().is_same(&token));
        }
        assert!(before.elapsed() < Duration::from_millis(250));
        source.settled().await;
        assert_eq!(
            world.server.count(IMDS),
            3,
            "one renewal, and no look before it"
        );
        assert!(source.token().await.unwrap().is_same(&token));
    });
}

#[tokio::test(start_paused = true)]
async fn a_service_that_was_there_and_is_silent_is_unavailable_and_not_absent() {
    let world = World::on(Machine::virtual_machine());
    let source = world.machine();
    source.token().await.unwrap();
    world.jump(25 * HOUR);
    world.server.fault(IMDS, Fault::refused().always());
    assert_eq!(error(&source).await.kind(), ErrorKind::Unavailable);
    world.server.clear_faults();
    world.pass(2 * MINUTE).await;
    source.token().await.unwrap();
}
