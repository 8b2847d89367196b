//! What a crowd of callers costs the server, and what they wait for.

mod library;
mod scenarios;

use std::process::ExitCode;
use std::time::Duration;

use crate::library::Ours;
use crate::scenarios::{Figures, Stage};

#[tokio::main(worker_threads = 2)]
async fn main() -> ExitCode {
    let stage = Stage::open().await;
    let figures = stage.measure(&Ours::maker(stage.http.url("/token"))).await;
    println!("{}\n{figures}\n", Figures::HEADINGS);
    let beside = figures.beside.unwrap();
    let targets = [
        ("1 request of cold callers", figures.cold.requests == 1),
        ("1 request of failing ones", figures.failing.requests == 1),
        ("a cached token within 1 ms", beside < MILLISECOND),
        ("1 request for short tokens", figures.short == 1),
    ];
    for (target, met) in targets {
        println!("{target}: {}", if met { "met" } else { "MISSED" });
    }
    ExitCode::from(u8::from(targets.iter().any(|(_, met)| !met)))
}

const MILLISECOND: Duration = Duration::from_millis(1);
