//! What a failed renewal leaves behind: the token that works, a pause, and always a next try.

use std::sync::Arc;
use std::time::Duration;

use auth_core::error::Recall;
use auth_core::store::MemoryStore;
use auth_core::{Error, ErrorKind, TokenSource};
use auth_testkit::Fault;

use super::Scripted;
use crate::world::{HOUR, MINUTE, World, crowd};

#[tokio::test(start_paused = true)]
async fn a_hundred_callers_of_a_failing_endpoint_make_one_request_and_share_the_error() {
    let world = World::new();
    let slow_no = Fault::refusal(400, "invalid_scope").with_delay(Duration::from_millis(20));
    world.server.fault("/token", slow_no.always());
    let source = world.robot();
    for answer in crowd(&source).await {
        assert!(answer.unwrap_err().is_refusal("invalid_scope"));
    }
    assert_eq!(world.asked(), 1);
    crowd(&source).await;
    assert_eq!(world.asked(), 1, "those who come right after share it too");
}

#[tokio::test(start_paused = true)]
async fn a_failed_renewal_never_displaces_a_token_that_works() {
    let world = World::new();
    let source = world.robot();
    let token = source.token().await.unwrap();
    world.server.fault("/token", Fault::status(503).always());
    while world.rest(&token) > Duration::from_secs(11) {
        world.pass(Duration::from_secs(1)).await;
        assert!(source.token().await.unwrap().is_same(&token));
    }
    let tried = world.asked() - 1;
    assert!(
        (3..60).contains(&tried),
        "it was tried again, with pauses: {tried}"
    );
    world.pass(Duration::from_secs(2)).await;
    assert_eq!(
        source.token().await.unwrap_err().kind(),
        ErrorKind::Unavailable
    );
}

#[tokio::test(start_paused = true)]
async fn after_a_failure_there_is_a_pause_and_always_a_next_try() {
    let world = World::new();
    let source = world.robot();
    for round in 1..=20 {
        world
            .server
            .fault("/token", Fault::refusal(400, "invalid_client"));
        source.token().await.unwrap_err();
        source.token().await.unwrap_err();
        assert_eq!(world.asked(), round, "the pause holds");
        world.pass(2 * MINUTE).await;
    }
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn retry_after_makes_the_pause_longer() {
    let world = World::new();
    let busy = Fault::status(429).with_retry_after(10 * MINUTE);
    world.server.fault("/token", busy);
    let source = world.robot();
    let error = source.token().await.unwrap_err();
    assert_eq!(error.retry_after(), Some(10 * MINUTE));
    world.pass(9 * MINUTE).await;
    source.token().await.unwrap_err();
    assert_eq!(world.asked(), 1);
    world.pass(2 * MINUTE).await;
    source.token().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn what_a_person_typed_or_cancelled_is_not_remembered() {
    let grant = Scripted::failing(Error::interaction("cancelled"));
    let source = grant.source();
    source.token().await.unwrap_err();
    source.token().await.unwrap_err();
    assert_eq!(grant.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_configured_password_that_was_refused_is_never_sent_again() {
    let grant = Scripted::failing(Error::refused("wrong password").with_recall(Recall::Always));
    let source = grant.source();
    for _ in 0..5 {
        source.token().await.unwrap_err();
        grant.clock.advance(24 * HOUR).await;
    }
    assert_eq!(grant.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_first_pause_after_a_refusal_is_five_seconds_and_after_what_may_pass_one_or_two() {
    for (error, shortest, longest) in [
        (Error::refused("no"), 5.0, 5.0),
        (Error::unavailable("down"), 1.0, 2.0),
    ] {
        let grant = Scripted::failing(error.clone());
        let source = grant.source();
        source.token().await.unwrap_err();
        let almost = Duration::from_secs_f64(shortest - 0.1);
        grant.clock.advance(almost).await;
        source.token().await.unwrap_err();
        assert_eq!(grant.calls(), 1, "{error}: the pause holds");
        let rest = Duration::from_secs_f64(longest - shortest + 0.2);
        grant.clock.advance(rest).await;
        source.token().await.unwrap_err();
        assert_eq!(grant.calls(), 2, "{error}: the pause is over");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_process_got_ends_what_was_remembered_for_ever() {
    let store = Arc::new(MemoryStore::new());
    let grant = Scripted::new(|call, _| match call {
        1 => Err(Error::refused("wrong password").with_recall(Recall::Always)),
        _ => Ok(format!("token-{call}")),
    });
    let one = grant.source().with_store(store.clone());
    one.token().await.unwrap_err();
    let token = grant.source().with_store(store).token().await.unwrap();
    grant.clock.advance(Duration::from_secs(2)).await;
    assert!(one.token().await.unwrap().is_same(&token));
    grant.clock.advance(2 * HOUR).await;
    one.token().await.unwrap();
    assert_eq!(grant.calls(), 3);
}
