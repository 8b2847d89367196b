//! Our source beside those of other libraries, against one fake token endpoint on loopback.

mod azure;
mod checks;
#[expect(dead_code, reason = "the tests need more kinds of keys")]
#[path = "../../it/verify/forge.rs"]
mod forge;
mod google;
mod huskarl;
#[path = "../../benches/library.rs"]
mod library;
#[path = "../../benches/rounds.rs"]
mod rounds;
#[path = "../../benches/scenarios.rs"]
mod scenarios;
mod yup;

use std::hint::black_box;

use auth_core::TokenSource;
use auth_testkit::Listening;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tokio::runtime::Runtime;

use crate::azure::Azure;
use crate::google::Google;
use crate::huskarl::Huskarl;
use crate::library::Ours;
use crate::rounds::{Cost, Rounds};
use crate::scenarios::{Figures, Stage, answer};
use crate::yup::Yup;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let _inside = runtime.enter(); // google-cloud-auth spawns where it is built
    let stage = runtime.block_on(Stage::open());
    let tls = runtime.block_on(stage.server.listen_tls(0)).unwrap();
    reads(&runtime, &stage, &tls);
    println!();
    headers(&runtime, &stage);
    println!();
    checks::measure(&runtime, &stage);
    println!();
    crowds(&runtime, &stage, &tls);
}

/// What a crowd costs the server, and what its callers wait for.
fn crowds(runtime: &Runtime, stage: &Stage, tls: &Listening) {
    let makers = [
        Ours::maker(stage.http.url("/token")),
        Yup::maker(stage.http.url(yup::PATH)),
        Google::maker(stage.http.url(google::PATH)),
        Huskarl::maker(stage.http.url(huskarl::PATH)),
        Azure::maker(tls.url("/"), tls.ca_pem().unwrap().to_owned()),
    ];
    println!("{}", Figures::HEADINGS);
    for maker in &makers {
        println!("{}", runtime.block_on(stage.measure(maker)));
    }
}

/// What a token that is at hand costs.
fn reads(runtime: &Runtime, stage: &Stage, tls: &Listening) {
    for path in [
        "/token",
        yup::PATH,
        google::PATH,
        huskarl::PATH,
        azure::PATH,
    ] {
        stage.answer(path, answer(3600));
    }
    let ours = Ours::new(stage.http.url("/token"));
    let ours = ours.source("read");
    let yup = Yup::new(&stage.http.url(yup::PATH));
    let google = Google::new(&stage.http.url(google::PATH));
    let huskarl = Huskarl::new(&stage.http.url(huskarl::PATH));
    let azure = Azure::new(&tls.url("/"), tls.ca_pem().unwrap());
    let costs = Rounds::against("auth-core token()", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(ours.token().await).unwrap();
            }
        });
    })
    .with("auth-core at_hand()", |calls| {
        for _ in 0..calls {
            black_box(ours.at_hand()).unwrap();
        }
    })
    .with("yup-oauth2 token()", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(yup.token("read").await).unwrap();
            }
        });
    })
    .with("google-cloud-auth access_token()", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(google.token().await).unwrap();
            }
        });
    })
    .with("huskarl token()", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(huskarl.token("read").await).unwrap();
            }
        });
    })
    .with("azure_identity get_token()", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(azure.token("read").await).unwrap();
            }
        });
    })
    .run();
    rounds::print(&costs);
    let others = costs[OURS..].iter();
    let best = others.min_by(|one, other| one.ratio.total_cmp(&other.ratio));
    let best = best.expect("there are others");
    let Cost { name, ratio, .. } = best;
    println!("\n{name} / auth-core token() = {ratio:.2} (target ≥ {TARGET})");
}

/// What it costs to put a token that is at hand on a request.
fn headers(runtime: &Runtime, stage: &Stage) {
    for path in ["/token", huskarl::PATH] {
        stage.answer(path, answer(3600));
    }
    let ours = Ours::new(stage.http.url("/token"));
    let ours = ours.source("read");
    let huskarl = huskarl::Headers::new(&stage.http.url(huskarl::PATH));
    let costs = Rounds::against("auth-core token(), header in a map", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                let token = black_box(ours.token().await).unwrap();
                let mut headers = HeaderMap::new();
                headers.insert(AUTHORIZATION, token.authorization());
                black_box(headers);
            }
        });
    })
    .with("auth-core token() and its header", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                let token = black_box(ours.token().await).unwrap();
                black_box(token.authorization());
            }
        });
    })
    .with("huskarl get_headers()", |calls| {
        runtime.block_on(async {
            for _ in 0..calls {
                black_box(huskarl.get().await).unwrap();
            }
        });
    })
    .run();
    rounds::print(&costs);
}

/// How many of the subjects are ours.
const OURS: usize = 2;

/// How much longer the best of the others may be expected to take.
const TARGET: f64 = 2.4;
