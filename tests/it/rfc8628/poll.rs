//! RFC 8628 §3.4 and §3.5: how the device waits.

use auth_core::ErrorKind;
use auth_core::clock::Clock;
use auth_testkit::{Fault, Policy, Server};

use super::{CODES, allow, seconds};
use crate::world::{HOUR, World};

#[tokio::test(start_paused = true)]
async fn s3_4_the_poll_sends_grant_type_device_code_and_client() {
    let world = World::new();
    let (set, _) = world.log_in(seconds(1), allow).await;
    assert_eq!(set.unwrap().access().scope(), Some("read"));
    let poll = world.server.requests().pop().unwrap();
    assert_eq!(
        poll.field("grant_type").as_deref(),
        Some("urn:ietf:params:oauth:grant-type:device_code")
    );
    assert_eq!(poll.field("device_code").unwrap().len(), 64);
    assert_eq!(poll.field("client_id").as_deref(), Some("desktop"));
    assert!(poll.field("scope").is_none());
}

#[tokio::test(start_paused = true)]
async fn s3_5_authorization_pending_waits_the_interval_between_polls() {
    let world = World::new();
    world
        .server
        .set_policy(Policy::new().with_device_interval(seconds(2)));
    world.log_in(seconds(7), allow).await.0.unwrap();
    assert_eq!(world.polls(), [2, 4, 6, 8]);
}

#[tokio::test(start_paused = true)]
async fn s3_5_without_an_interval_five_seconds_are_waited() {
    let world = World::new();
    world.server.fault(CODES, Fault::without("interval"));
    world.log_in(seconds(12), allow).await.0.unwrap();
    assert_eq!(world.polls(), [5, 10, 15]);
}

#[tokio::test(start_paused = true)]
async fn s3_5_slow_down_adds_five_seconds_for_this_and_all_later_polls() {
    let world = World::new();
    let slow = Fault::refusal(400, "slow_down");
    world.server.fault("/token", slow.times(2));
    world.log_in(seconds(50), allow).await.0.unwrap();
    assert_eq!(world.polls(), [5, 15, 30, 45, 60]);
}

#[tokio::test(start_paused = true)]
async fn s3_5_a_device_that_polled_too_early_settles_at_a_pace_that_the_server_accepts() {
    let world = World::new();
    world
        .server
        .set_policy(Policy::new().with_device_interval(seconds(8)));
    world.server.fault(CODES, Fault::member("interval", 1));
    world.log_in(seconds(100), allow).await.0.unwrap();
}

#[tokio::test(start_paused = true)]
async fn r1_too_many_requests_is_slow_down_and_obeys_retry_after() {
    let world = World::new();
    world.server.fault("/token", Fault::status(429));
    let later = Fault::status(429).with_retry_after(seconds(40));
    world.server.fault("/token", later);
    world.log_in(seconds(1), allow).await.0.unwrap();
    assert_eq!(world.polls(), [5, 15, 55]);
}

#[tokio::test(start_paused = true)]
async fn r22_what_stands_between_and_answers_for_the_server_does_not_end_the_login() {
    for between in [
        Fault::html(200),
        Fault::html(403),
        Fault::status(200),
        Fault::status(204),
        Fault::redirect(302, "https://portal.example/login"),
        Fault::html(511),
        Fault::status(200).with_body("text/plain", "please log in to the network"),
    ] {
        let world = World::new();
        let said = format!("{between:?}");
        world.server.fault("/token", between);
        let outcome = world.log_in(seconds(1), allow).await.0;
        assert!(outcome.is_ok(), "{said}: {outcome:?}");
        assert_eq!(world.polls().len(), 2, "{said}");
    }
    // What the server itself says ends it.
    for (own, polls) in [
        (Fault::refusal(400, "invalid_grant"), 1),
        (Fault::member("access_token", 5), 1),
        (
            Fault::status(403).with_body("application/json", r#"{"message":"no"}"#),
            1,
        ),
    ] {
        let world = World::new();
        world.server.fault("/token", own);
        world.log_in(seconds(1), allow).await.0.unwrap_err();
        assert_eq!(world.polls().len(), polls);
    }
}

#[tokio::test(start_paused = true)]
async fn s3_5_access_denied_ends_the_login_and_is_not_remembered() {
    let world = World::new();
    let deny = |server: &Server, code: &str| assert!(server.deny_device(code));
    let error = world.log_in(seconds(1), deny).await.0.unwrap_err();
    assert!(error.is_refusal("access_denied"), "{error}");
    assert_eq!(error.recall(), auth_core::error::Recall::Never);
    assert_eq!(world.polls(), [5]);
}

#[tokio::test(start_paused = true)]
async fn s3_5_expired_token_ends_the_login_and_is_told_apart_from_denial() {
    let world = World::new();
    world
        .server
        .fault("/token", Fault::refusal(400, "expired_token"));
    let error = world.log_in(seconds(1), allow).await.0.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Interaction);
    assert_eq!(error.code(), Some("expired_token"));
}

#[tokio::test(start_paused = true)]
async fn s3_5_the_device_stops_by_itself_when_the_code_has_expired() {
    let world = World::new();
    world.server.fault(CODES, Fault::member("expires_in", "12"));
    world.server.fault("/token", Fault::refused().always());
    let start = world.clock.now().monotonic;
    let error = world.log_in(seconds(1), |_, _| {}).await.0.unwrap_err();
    assert_eq!(error.code(), Some("expired_token"));
    let waited = world.clock.now().monotonic - start;
    assert!((12..25).contains(&waited.as_secs()), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn r11_a_laptop_that_slept_through_it_says_that_the_code_has_expired() {
    let world = World::new();
    let clock = world.clock.clone();
    let sleep = move |_: &Server, _: &str| clock.set_forward(HOUR);
    let error = world.log_in(seconds(3), sleep).await.0.unwrap_err();
    assert_eq!(error.code(), Some("expired_token"));
}

#[tokio::test(start_paused = true)]
async fn r11_whoever_slept_past_the_end_of_a_code_polls_no_more_whatever_the_server_says() {
    let world = World::new();
    let pending = Fault::refusal(400, "authorization_pending");
    world.server.fault("/token", pending.always());
    let clock = world.clock.clone();
    let sleep = move |_: &Server, _: &str| clock.set_forward(HOUR);
    let error = world.log_in(seconds(3), sleep).await.0.unwrap_err();
    assert_eq!(error.code(), Some("expired_token"));
    assert_eq!(world.polls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn s3_5_a_code_that_the_server_forgot_at_its_end_has_expired() {
    let world = World::new();
    world.server.fault(CODES, Fault::member("expires_in", 8));
    let forgotten = Fault::refusal(400, "invalid_grant");
    world.server.fault("/token", forgotten.clone());
    let error = world.log_in(seconds(1), |_, _| {}).await.0.unwrap_err();
    assert_eq!(error.code(), Some("expired_token"));
    // Long before its end it is what it says.
    let world = World::new();
    world.server.fault("/token", forgotten);
    let error = world.log_in(seconds(1), |_, _| {}).await.0.unwrap_err();
    assert!(error.is_refusal("invalid_grant"));
}

#[tokio::test(start_paused = true)]
async fn s3_5_a_network_that_fails_makes_the_pauses_longer_and_ends_nothing() {
    for fault in [
        Fault::refused(),
        Fault::reset(),
        Fault::status(502),
        Fault::html(503),
        Fault::delay(seconds(100)),
    ] {
        let world = World::new();
        world.server.fault("/token", fault.times(2));
        world.log_in(seconds(90), allow).await.0.unwrap();
        // What is refused before it arrives leaves no trace.
        let polls = world.polls();
        let third = polls.iter().find(|at| **at >= 5 + 10 + 20).unwrap();
        assert!(
            polls.iter().filter(|at| *at < third).count() <= 2,
            "{polls:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn s3_5_any_other_refusal_ends_the_login() {
    for code in ["invalid_client", "unauthorized_client", "invalid_request"] {
        let world = World::new();
        world.server.fault("/token", Fault::refusal(400, code));
        let error = world.log_in(seconds(1), allow).await.0.unwrap_err();
        assert!(error.is_refusal(code), "{error}");
        assert_eq!(world.polls(), [5]);
    }
}
