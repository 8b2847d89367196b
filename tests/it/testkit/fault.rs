//! Misbehaviour on demand.

use std::time::Duration;

use auth_core::ErrorKind;
use auth_core::clock::Clock;
use auth_testkit::Fault;
use serde_json::Value;

use super::{ROBOT, get, post, refresh, server};

#[tokio::test(start_paused = true)]
async fn a_fault_spoils_so_many_requests_to_its_path_and_no_more() {
    let (server, clock) = server();
    let url = server.url("/token");
    let until = clock.now().wall + Duration::from_secs(30);
    server.fault(
        "/token",
        Fault::status(503)
            .with_retry_after(Duration::from_secs(2))
            .times(2),
    );
    server.fault("/token", Fault::status(429).with_retry_at(until));
    for (status, pause) in [
        (503, "2"),
        (503, "2"),
        (429, "Thu, 01 Jan 2026 00:00:30 GMT"),
    ] {
        assert_eq!(get(&server, &server.url("/jwks"), "").await.status, 200);
        let reply = post(&server, &url, ROBOT).await.unwrap();
        assert_eq!(
            (reply.status.as_u16(), reply.header("retry-after")),
            (status, pause)
        );
    }
    assert_eq!(post(&server, &url, ROBOT).await.unwrap().status, 200);
    server.fault("/token", Fault::html(502).always());
    for _ in 0..5 {
        let reply = post(&server, &url, ROBOT).await.unwrap();
        assert!(reply.status == 502 && reply.body.starts_with(b"<!DOCTYPE"));
    }
    server.clear_faults();
    assert_eq!(post(&server, &url, ROBOT).await.unwrap().status, 200);
    assert_eq!(server.count("/token"), 10);
}

#[tokio::test(start_paused = true)]
async fn a_reset_before_the_commit_spends_nothing_and_one_after_it_does() {
    let (server, _) = server();
    let url = server.url("/token");
    let token = server.login("desktop", "ada", &[]);
    let lost = async |fault| {
        server.fault("/token", fault);
        let fields = refresh(token.expose_secret());
        post(&server, &url, &fields).await.err().unwrap()
    };
    let error = lost(Fault::refused()).await;
    assert!(error.kind() == ErrorKind::Unavailable && !error.may_have_arrived());
    assert_eq!(server.count("/token"), 0);
    assert!(lost(Fault::reset()).await.may_have_arrived());
    assert!(server.is_live(&token));
    assert!(lost(Fault::reset().after_commit()).await.may_have_arrived());
    assert!(!server.is_live(&token));
    assert_eq!(server.count("/token"), 2);
}

#[tokio::test(start_paused = true)]
async fn an_answer_can_be_late_slow_short_long_or_different() {
    let (server, clock) = server();
    let url = server.url("/token");
    let spoiled = async |fault| {
        server.fault("/token", fault);
        post(&server, &url, ROBOT).await
    };
    let before = clock.now().monotonic;
    let minute = Duration::from_secs(60);
    assert_eq!(spoiled(Fault::delay(minute)).await.unwrap().status, 200);
    assert_eq!(clock.now().monotonic - before, minute);

    let before = clock.now().monotonic;
    let dripped = spoiled(Fault::drip(Duration::from_secs(1))).await.unwrap();
    assert_eq!(
        clock.now().monotonic - before,
        Duration::from_secs(dripped.body.len() as u64)
    );
    assert!(!dripped.text("access_token").is_empty());

    let short = spoiled(Fault::truncated()).await.unwrap();
    assert!(serde_json::from_slice::<Value>(&short.body).is_err());
    let error = spoiled(Fault::cut()).await.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(
        spoiled(Fault::huge(2 << 20)).await.unwrap().body.len() >> 20,
        2
    );
    assert_eq!(spoiled(Fault::status(204)).await.unwrap().status, 204);
    let member = spoiled(Fault::member("expires_in", "60")).await.unwrap();
    assert_eq!(member.text("expires_in"), "60");
    let without = spoiled(Fault::without("expires_in")).await.unwrap();
    assert!(without.json().get("expires_in").is_none());
    let refusal = spoiled(Fault::refusal(200, "slow_down")).await.unwrap();
    assert_eq!(
        (refusal.status.as_u16(), &*refusal.text("error")),
        (200, "slow_down")
    );
    let redirect = spoiled(Fault::redirect(307, "https://evil.test/"))
        .await
        .unwrap();
    assert_eq!(redirect.header("location"), "https://evil.test/");
    let ahead = spoiled(Fault::date_ahead(Duration::from_secs(86_400)))
        .await
        .unwrap();
    assert!(
        ahead.header("date").contains("02 Jan 2026"),
        "{}",
        ahead.header("date")
    );
}

#[tokio::test(start_paused = true)]
async fn the_date_of_an_answer_is_by_the_servers_clock_whatever_the_clients_says() {
    let (server, clock) = server();
    clock.set_forward(Duration::from_secs(420));
    let reply = get(&server, &server.url("/jwks"), "").await;
    assert_eq!(reply.header("date"), "Thu, 01 Jan 2026 00:07:00 GMT");
    assert!(reply.headers.contains_key("content-length"));
    server.fault("/jwks", Fault::status(204));
    let reply = get(&server, &server.url("/jwks"), "").await;
    assert!(!reply.headers.contains_key("content-length"));
}
