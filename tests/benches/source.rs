//! What a token that is at hand costs, beside the least that any cache must do.

mod rounds;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwapOption;
use auth_core::clock::{Clock, Now, SystemClock};
use auth_core::{CachedSource, ClientAuth, ClientCredentials, Io, TokenEndpoint, TokenSource};
use auth_testkit::{Client, Server};
use secrecy::SecretString;

use crate::rounds::Rounds;

fn main() -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let source = runtime.block_on(warm(&clock));
    let cell = ArcSwapOption::from_pointee(later(&clock));
    let costs = Rounds::against("floor: ArcSwap load, clock check", |calls| {
        for _ in 0..calls {
            let now = black_box(&clock).now();
            let end = black_box(&cell).load();
            black_box(end.as_ref().is_some_and(|end| now.wall < end.wall));
        }
    })
    .with("at_hand()", |calls| {
        for _ in 0..calls {
            black_box(black_box(&source).at_hand());
        }
    })
    .with("token()", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(black_box(&source).token().await).unwrap();
            }
        });
    })
    .with("at_hand() and authorization()", |calls| {
        for _ in 0..calls {
            black_box(
                black_box(&source)
                    .at_hand()
                    .map(|token| token.authorization()),
            );
        }
    })
    .run();
    rounds::print(&costs);
    let ratio = costs[1].ratio;
    println!("\nat_hand() / floor = {ratio:.2} (target ≤ {TARGET})");
    ExitCode::from(u8::from(ratio > TARGET))
}

/// An hour from now.
fn later(clock: &Arc<dyn Clock>) -> Now {
    let now = clock.now();
    Now::new(now.wall + HOUR, now.monotonic + HOUR)
}

/// A source with a fresh token of one hour at hand, on the clock that the floor reads.
async fn warm(clock: &Arc<dyn Clock>) -> CachedSource {
    let server = Server::new(SystemClock::new());
    server.add_client(Client::confidential("robot", "s3cret"));
    let io: Io = server.io().with_clock(clock.clone());
    let client = ClientAuth::basic("robot", SecretString::from("s3cret"));
    let endpoint = TokenEndpoint::new(server.url("/token"), client, io.clone());
    let source = CachedSource::new(ClientCredentials::new(endpoint), io);
    source.token().await.unwrap();
    assert!(source.at_hand().is_some(), "it is fresh");
    source
}

const HOUR: Duration = Duration::from_secs(3600);

const TARGET: f64 = 1.3;
