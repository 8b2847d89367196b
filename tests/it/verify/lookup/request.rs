//! Rule 58: how often the issuer is asked, and what comes of one that fails.

use std::time::Duration;

use auth_testkit::Fault;
use auth_verify::Bearer;
use auth_verify::RejectionKind::{
    self, BadEncoding, Inactive, KeysUnavailable, Misconfigured, NoCredentials,
};

use super::{Lookup, PLACE, active};
use crate::world::on_both_runtimes;

#[tokio::test(start_paused = true)]
async fn rule_58_an_issuer_that_does_not_answer_is_no_verdict() {
    for fault in [
        Fault::refused(),
        Fault::reset(),
        Fault::status(500),
        Fault::html(200),
        Fault::redirect(302, "https://evil.test/"),
        Fault::drip(Duration::from_secs(1)),
    ] {
        let lookup = Lookup::new();
        let shown = format!("{fault:?}");
        lookup.world.server.fault(PLACE, fault.always());
        let before = tokio::time::Instant::now();
        assert_eq!(
            lookup.ask("t").await.map(drop),
            Err(KeysUnavailable),
            "{shown}"
        );
        assert!(before.elapsed() < Duration::from_secs(6), "{shown}");
    }
}

/// Waits for `count` that ask about tokens at once.
async fn crowd(lookup: &Lookup, tokens: impl Iterator<Item = String>) -> Vec<RejectionKind> {
    let calls: Vec<_> = tokens
        .map(|token| {
            let checks = lookup.checks.clone();
            tokio::spawn(async move { checks.verify(Bearer::new(&token)).await.map(drop) })
        })
        .collect();
    let mut kinds = Vec::new();
    for call in calls {
        kinds.extend(call.await.unwrap().err().map(|rejection| rejection.kind()));
    }
    kinds
}

#[test]
fn rule_58_all_who_come_with_one_token_make_one_request() {
    on_both_runtimes(|| async {
        let lookup = Lookup::new();
        let slow = Fault::delay(Duration::from_millis(50));
        lookup.world.server.fault(PLACE, slow.always());
        let junk = || (0..100).map(|_| "junk".to_owned());
        assert_eq!(crowd(&lookup, junk()).await, [Inactive; 100]);
        assert_eq!(lookup.asked(), 1);
        // Nor is the same one asked about again and again.
        assert_eq!(crowd(&lookup, junk()).await, [Inactive; 100]);
        assert_eq!(lookup.asked(), 1);
        // Each other one is another question, and all of them are asked at once.
        let others = (0..20).map(|number| format!("other-{number}"));
        assert_eq!(crowd(&lookup, others).await, [Inactive; 20]);
        assert_eq!(lookup.asked(), 21);
    });
}

#[tokio::test(start_paused = true)]
async fn rule_58_a_hundred_with_one_good_token_make_one_request_and_are_all_let_in() {
    let lookup = Lookup::new();
    lookup.answers(&active());
    let all = crowd(&lookup, (0..100).map(|_| "good".to_owned())).await;
    assert_eq!((all.len(), lookup.asked()), (0, 1));
    // What is refused once is asked about again after half a minute.
    assert_eq!(lookup.ask("junk").await.map(drop), Err(Inactive));
    lookup.world.pass(Duration::from_secs(29)).await;
    assert_eq!(lookup.ask("junk").await.map(drop), Err(Inactive));
    assert_eq!(lookup.asked(), 2);
    lookup.world.pass(Duration::from_secs(1)).await;
    lookup.answers(&active());
    assert!(lookup.ask("junk").await.is_ok());
    assert_eq!(lookup.asked(), 3);
}

#[tokio::test(start_paused = true)]
async fn rule_58_an_issuer_that_fails_is_left_alone_for_a_while() {
    let lookup = Lookup::new();
    lookup
        .world
        .server
        .fault(PLACE, Fault::status(503).always());
    for number in 0..100 {
        let token = format!("token-{number}");
        let rejection = lookup.checks.verify(Bearer::new(&token)).await.unwrap_err();
        assert_eq!(rejection.kind(), KeysUnavailable);
        assert!(rejection.retry_after().is_some());
        lookup.world.pass(Duration::from_millis(100)).await;
    }
    assert!(lookup.asked() <= 4, "{} in 10 s", lookup.asked());
    lookup.world.server.clear_faults();
    lookup.world.pass(Duration::from_secs(30)).await;
    assert_eq!(lookup.ask("token").await.map(drop), Err(Inactive));
}

/// Some servers answer junk with 400: who comes with it takes nothing from those who come with good tokens.
#[tokio::test(start_paused = true)]
async fn rule_58_a_token_that_the_server_chokes_on_is_no_outage() {
    for (status, code, kind) in [
        (400, "invalid_token", Inactive),
        (400, "invalid_request", Misconfigured),
        (413, "", Misconfigured),
    ] {
        let lookup = Lookup::new();
        let good = lookup.token().await;
        for _ in 0..2 {
            lookup
                .world
                .server
                .fault(PLACE, Fault::refusal(status, code));
            assert_eq!(lookup.ask("junk").await.map(drop), Err(kind), "{code}");
        }
        assert_eq!(lookup.asked(), 1, "{code}: it is remembered");
        lookup.world.server.clear_faults();
        lookup.answers(&active());
        assert_eq!(lookup.ask(&good).await.map(drop), Ok(()), "{code}");
    }
    // What is the client's own fault is everybody's.
    let lookup = Lookup::new();
    lookup
        .world
        .server
        .fault(PLACE, Fault::refusal(400, "invalid_client"));
    assert_eq!(lookup.ask("t").await.map(drop), Err(Misconfigured));
    lookup.answers(&active());
    assert_eq!(lookup.ask("other").await.map(drop), Err(Misconfigured));
    assert_eq!(lookup.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn rule_58_a_silent_issuer_makes_one_wait_and_not_everyone() {
    let lookup = Lookup::new();
    let known = "known";
    lookup.answers(&active());
    lookup.ask(known).await.unwrap();
    lookup
        .world
        .server
        .fault(PLACE, Fault::drip(Duration::from_secs(1)).always());
    let before = tokio::time::Instant::now();
    assert_eq!(lookup.ask("first").await.map(drop), Err(KeysUnavailable));
    assert!(before.elapsed() <= Duration::from_millis(5_500));
    let before = tokio::time::Instant::now();
    assert_eq!(lookup.ask("second").await.map(drop), Err(KeysUnavailable));
    // What is known is known.
    lookup.ask(known).await.unwrap();
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn rule_58_what_could_be_nobodys_token_is_not_asked_about() {
    let lookup = Lookup::new();
    for (token, kind) in [
        ("", NoCredentials),
        ("a b", BadEncoding),
        ("é", BadEncoding),
    ] {
        let rejection = lookup.checks.verify(Bearer::new(token)).await.unwrap_err();
        assert_eq!(
            (rejection.kind(), rejection.status().as_u16()),
            (kind, 401),
            "{token:?}"
        );
    }
    assert_eq!(lookup.asked(), 0);
}

#[tokio::test(start_paused = true)]
async fn rule_58_a_client_that_may_not_ask_is_the_services_own_fault() {
    let lookup = Lookup::new();
    lookup
        .world
        .server
        .fault(PLACE, Fault::refusal(401, "invalid_client"));
    let rejection = lookup.checks.verify(Bearer::new("t")).await.unwrap_err();
    assert_eq!(
        (rejection.kind(), rejection.status().as_u16()),
        (Misconfigured, 500)
    );
    assert!(rejection.retry_after().is_none() && rejection.challenge().is_none());
}
