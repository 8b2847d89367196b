//! Whether checks notice that keys are being fetched.

use std::hint::black_box;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use auth_core::clock::{Clock, Now, SystemClock};
use auth_core::{BoxFuture, Io};
use auth_testkit::{Fault, Server};
use auth_verify::{Bearer, Issuer, Keys, Verifier};
use serde_json::json;

use crate::forge::Forge;

/// The slowest of a hundred checks with keys at hand, and the same while an issuer takes its time to hand
/// out new ones.
pub fn measure(forge: &Forge) -> usize {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    let rounds = runtime.block_on(rounds(forge));
    // The least disturbed round of each: whatever else runs makes some of them slower.
    let least = |at: usize| {
        rounds
            .iter()
            .map(|round| round[at])
            .fold(f64::INFINITY, f64::min)
    };
    let (quiet, busy) = (least(0), least(1));
    let ratio = busy / quiet;
    println!("99 of 100 checks within {quiet:.1} µs, within {busy:.1} µs while keys are fetched");
    println!("the one to the other = {ratio:.3} (target ≤ 1.100)");
    usize::from(ratio > 1.1)
}

async fn rounds(forge: &Forge) -> Vec<[f64; 2]> {
    let server = Server::new(SystemClock::new());
    let listening = server.listen(0).await.unwrap();
    let clock = Leaping::default();
    let io = Io::new().with_clock(Arc::new(clock.clone()));
    let keys = Keys::at(listening.url("/jwks"), io).unwrap();
    let issuer = Issuer::new(&listening.issuer(), "api", keys).unwrap();
    let checks = Verifier::new(issuer).with_clock(Arc::new(clock.clone()));
    let token =
        forge.token(&json!({ "iss": listening.issuer(), "aud": "api", "exp": 9_999_999_999_u64 }));
    let jwks = json!({ "keys": [forge.jwk()] }).to_string();
    let answer = || Fault::status(200).with_body("application/json", jwks.clone());
    server.fault("/jwks", answer());
    checks.verify(Bearer::new(&token)).await.unwrap();
    let keys = checks.issuers()[0].keys();
    let mut rounds = Vec::new();
    for _ in 0..ROUNDS {
        let quiet = slowest_of_hundred(&checks, &token);
        server.fault("/jwks", answer().with_delay(Duration::from_secs(2)));
        clock.pass(Duration::from_secs(3_500));
        let before = keys.stats().fetched;
        let busy = slowest_of_hundred(&checks, &token);
        assert_eq!(keys.stats().fetched, before, "still being fetched");
        keys.settled().await;
        assert_eq!(keys.stats().fetched, before + 1);
        rounds.push([quiet, busy]);
    }
    rounds
}

/// In microseconds.
fn slowest_of_hundred(checks: &Verifier, token: &str) -> f64 {
    let mut all: Vec<f64> = (0..CALLS)
        .map(|_| {
            let start = Instant::now();
            let outcome = checks.verify_at_hand(black_box(Bearer::new(token)));
            assert!(black_box(outcome).is_some_and(|outcome| outcome.is_ok()));
            start.elapsed().as_secs_f64() * 1e6
        })
        .collect();
    all.sort_by(f64::total_cmp);
    all[CALLS * 99 / 100]
}

/// A clock that the bench moves, while the network goes on in real time.
#[derive(Clone, Debug, Default)]
struct Leaping(Arc<AtomicU64>);

impl Leaping {
    fn pass(&self, time: Duration) {
        self.0.fetch_add(time.as_secs(), Ordering::Relaxed);
    }
}

impl Clock for Leaping {
    fn now(&self) -> Now {
        let since = Duration::from_secs(self.0.load(Ordering::Relaxed));
        Now::new(SystemTime::UNIX_EPOCH + START + since, since)
    }

    fn sleep(&self, pause: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(pause))
    }
}

const ROUNDS: usize = 5;
const CALLS: usize = 20_000;
const START: Duration = Duration::from_secs(1_767_225_600);
