//! Keys over a socket, from an endpoint that takes 50 ms: how often it is asked, and who waits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

use auth_core::clock::{Clock, Now, SystemClock};
use auth_core::{BoxFuture, Io};
use auth_testkit::{Fault, Listening, Server};
use auth_verify::RejectionKind::{BadSignature, KeysUnavailable, Misconfigured, UnknownKey};
use auth_verify::{Bearer, Issuer, Keys, RejectionKind, Verifier};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;

use super::NOW;
use super::forge::Forge;

const DELAY: Duration = Duration::from_millis(50);

/// A clock that the test moves, while the network goes on in real time.
#[derive(Clone, Debug, Default)]
struct Leaping(Arc<AtomicU64>);

impl Leaping {
    fn pass(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for Leaping {
    fn now(&self) -> Now {
        let since = Duration::from_millis(self.0.load(Ordering::SeqCst));
        let start = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(NOW);
        Now::new(start + since, since)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(pause))
    }
}

/// A server on a socket, and a verifier that knows it by its address alone.
struct World {
    server: Server,
    listening: Listening,
    forge: Forge,
    clock: Leaping,
    checks: Verifier,
}

impl World {
    async fn new() -> Self {
        let server = Server::new(SystemClock::new());
        let listening = server.listen(0).await.unwrap();
        let (forge, clock) = (Forge::p256("known"), Leaping::default());
        let io = Io::new().with_clock(Arc::new(clock.clone()));
        let keys = Keys::at(listening.url("/jwks"), io).unwrap();
        let issuer = Issuer::new(&listening.issuer(), "api", keys).unwrap();
        let checks = Verifier::new(issuer).with_clock(Arc::new(clock.clone()));
        let world = Self {
            server,
            listening,
            forge,
            clock,
            checks,
        };
        world.publish(&[&world.forge]);
        world
    }

    /// A server whose keys the verifier has fetched.
    async fn warm() -> Self {
        let world = Self::new().await;
        assert_eq!(world.check(&world.good()).await, Ok(()));
        assert_eq!(world.asked(), 1);
        world
    }

    /// Answers with these keys from now on, after 50 ms.
    fn publish(&self, forges: &[&Forge]) {
        let keys: Vec<Value> = forges.iter().map(|forge| forge.jwk()).collect();
        let body = json!({ "keys": keys }).to_string();
        self.answer(Fault::status(200).with_body("application/json", body));
    }

    fn answer(&self, fault: Fault) {
        self.server.clear_faults();
        self.server.fault("/jwks", fault.with_delay(DELAY).always());
    }

    fn claims(&self) -> Value {
        json!({ "iss": self.listening.issuer(), "aud": "api", "exp": NOW + 500_000 })
    }

    fn good(&self) -> String {
        self.forge.token(&self.claims())
    }

    fn unknown(&self, number: usize) -> String {
        Forge::p256(&format!("unknown-{number}")).token(&self.claims())
    }

    async fn check(&self, token: &str) -> Result<(), RejectionKind> {
        check(&self.checks, token).await
    }

    fn asked(&self) -> usize {
        self.server.count("/jwks")
    }
}

async fn check(checks: &Verifier, token: &str) -> Result<(), RejectionKind> {
    let outcome = checks.verify(Bearer::new(token)).await;
    outcome.map(drop).map_err(|rejection| rejection.kind())
}

/// Each column of the table on its own server, all at once, since one of them takes five seconds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_policy_of_keys_holds_on_a_socket() {
    tokio::join!(
        sixty_four_cold_callers_make_one_fetch(),
        two_hundred_unknown_keys_make_two_fetches(),
        two_hundred_unknown_keys_from_sixteen_sides_make_two_fetches(),
        two_hundred_bad_signatures_make_none(),
        keys_that_rotate_right_after_a_fetch_are_found(),
        a_silent_issuer_is_asked_four_times_in_ten_seconds(),
        keys_are_believed_when_the_issuer_falls_silent(),
        a_redirect_is_refused(),
        a_huge_answer_is_left_after_its_first_mebibyte(),
        a_dripping_answer_costs_five_seconds_and_known_keys_nothing(),
    );
}

async fn sixty_four_cold_callers_make_one_fetch() {
    let world = World::new().await;
    let calls: Vec<_> = (0..64)
        .map(|_| {
            let (checks, good) = (world.checks.clone(), world.good());
            tokio::spawn(async move { check(&checks, &good).await })
        })
        .collect();
    for call in calls {
        assert_eq!(call.await.unwrap(), Ok(()));
    }
    assert_eq!(world.asked(), 1);
}

async fn two_hundred_unknown_keys_make_two_fetches() {
    let world = World::warm().await;
    for number in 0..200 {
        let expected = if number < 2 {
            UnknownKey
        } else {
            KeysUnavailable
        };
        assert_eq!(world.check(&world.unknown(number)).await, Err(expected));
    }
    assert!(world.asked() <= 1 + 2, "{}", world.asked());
}

async fn two_hundred_unknown_keys_from_sixteen_sides_make_two_fetches() {
    let world = World::warm().await;
    let calls: Vec<_> = (0..16)
        .map(|side| {
            let checks = world.checks.clone();
            let tokens: Vec<_> = (0..13)
                .map(|at| world.unknown(side * 13 + at))
                .take(200 - side * 13)
                .collect();
            tokio::spawn(async move {
                for token in tokens {
                    let kind = check(&checks, &token).await;
                    assert!(
                        matches!(kind, Err(UnknownKey | KeysUnavailable)),
                        "{kind:?}"
                    );
                }
            })
        })
        .collect();
    for call in calls {
        call.await.unwrap();
    }
    assert!(world.asked() <= 1 + 2, "{}", world.asked());
}

async fn two_hundred_bad_signatures_make_none() {
    let world = World::warm().await;
    let forged = Forge::p256("known");
    for _ in 0..200 {
        let token = forged.token(&world.claims());
        assert_eq!(world.check(&token).await, Err(BadSignature));
    }
    assert_eq!(world.asked(), 1);
}

async fn keys_that_rotate_right_after_a_fetch_are_found() {
    let world = World::warm().await;
    let next = Forge::p256("next");
    world.publish(&[&world.forge, &next]);
    let token = next.token(&world.claims());
    assert_eq!(world.check(&token).await, Ok(()));
    assert_eq!(world.check(&world.good()).await, Ok(()));
    assert_eq!(world.asked(), 2);
}

async fn a_silent_issuer_is_asked_four_times_in_ten_seconds() {
    let world = World::new().await;
    world.answer(Fault::status(500));
    for _ in 0..50 {
        assert_eq!(world.check(&world.good()).await, Err(KeysUnavailable));
        world.clock.pass(Duration::from_millis(200));
    }
    assert!((2..=4).contains(&world.asked()), "{}", world.asked());
}

async fn keys_are_believed_when_the_issuer_falls_silent() {
    let world = World::warm().await;
    world.answer(Fault::status(500));
    world.clock.pass(Duration::from_secs(3_601));
    for _ in 0..50 {
        assert_eq!(world.check(&world.good()).await, Ok(()));
    }
    world.checks.issuers()[0].keys().settled().await;
    assert!(world.asked() <= 1 + 2, "{}", world.asked());
}

async fn a_redirect_is_refused() {
    let world = World::new().await;
    let elsewhere = world.listening.url("/elsewhere").to_string();
    world.answer(Fault::redirect(302, &elsewhere));
    assert_eq!(world.check(&world.good()).await, Err(Misconfigured));
    assert_eq!((world.asked(), world.server.count("/elsewhere")), (1, 0));
}

/// A listener of its own, which counts what it got rid of.
async fn a_huge_answer_is_left_after_its_first_mebibyte() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let sent = Arc::new(AtomicUsize::new(0));
    let count = sent.clone();
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        tokio::time::sleep(DELAY).await;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", 200 << 20);
        stream.write_all(head.as_bytes()).await.unwrap();
        let blanks = vec![b' '; 16 << 10];
        while count.load(Ordering::SeqCst) < 200 << 20 && stream.write_all(&blanks).await.is_ok() {
            count.fetch_add(blanks.len(), Ordering::SeqCst);
        }
    });
    let url = format!("http://{address}/jwks").parse().unwrap();
    let error = Keys::at(url, Io::new())
        .unwrap()
        .warm_up()
        .await
        .unwrap_err();
    assert!(error.to_string().contains("longer than"), "{error}");
    server.await.unwrap();
    // Beside the one that is read, the buffers of the system hold a few.
    let sent = sent.load(Ordering::SeqCst);
    assert!((1 << 20..16 << 20).contains(&sent), "{sent} bytes");
}

async fn a_dripping_answer_costs_five_seconds_and_known_keys_nothing() {
    let world = World::warm().await;
    world.answer(Fault::drip(Duration::from_secs(1)));
    let (checks, token) = (world.checks.clone(), world.unknown(0));
    let waits = tokio::spawn(async move { check(&checks, &token).await });
    let mut checked = 0;
    while !waits.is_finished() {
        let known = world.checks.verify_at_hand(Bearer::new(&world.good()));
        assert!(known.is_some_and(|outcome| outcome.is_ok()));
        checked += 1;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert_eq!(waits.await.unwrap(), Err(KeysUnavailable));
    assert!(checked > 1);
}
