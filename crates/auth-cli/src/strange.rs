//! Whatever people type, write and set, nothing panics, and it is never called a bug that is to be reported.

mod command_line;
mod configuration;
mod dice;
mod environment;
mod words;

use std::ffi::OsString;
use std::path::Path;

use auth_core::clock::SystemClock;
use auth_core::http::{Body, HttpClient};
use auth_core::{BoxFuture, Error, Io, Result};
use clap::Parser;
use http::{Request, Response};

use self::command_line::command_line;
use self::configuration::configuration;
use self::dice::Dice;
use self::environment::environment;
use crate::args::{Cli, Command, ensure_no_token};
use crate::failure::Failure;
use crate::{command, exit, network, variables};

const SEEDS: u64 = 10_000;

#[test]
fn ten_thousand_command_lines_configurations_and_environments_name_what_is_wrong_with_them() {
    let place = tempfile::tempdir().unwrap();
    network::given::give(Io::of(Nowhere, SystemClock::new()));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    let (mut codes, mut wrong) = ([0_u32; 7], Vec::new());
    for seed in 0..SEEDS {
        let mut dice = Dice::new(seed);
        let file = place.path().join("config.toml");
        let text = configuration(&mut dice, place.path());
        std::fs::write(&file, &text).unwrap();
        let given = environment(&mut dice, &file, place.path());
        variables::given::give(given.clone());
        let line = command_line(&mut dice, place.path());
        let outcome = runtime.block_on(run(&line));
        match judged(outcome, place.path()) {
            Ok(code) => codes[code] += 1,
            Err(why) => wrong.push(format!("{why}\nseed {seed}: {line:?}\n{given:?}\n{text}")),
        }
    }
    runtime.shutdown_background();
    assert!(
        wrong.is_empty(),
        "{} are wrong\n{}",
        wrong.len(),
        wrong.join("\n\n")
    );
    // A test in which all fail in the same way would say nothing.
    for code in [0, 2, 4, 5] {
        assert!(codes[code] > 50, "{codes:?}");
    }
}

/// What `main` does, but for what it does to the process.
async fn run(line: &[OsString]) -> Option<std::result::Result<(), Failure>> {
    if let Err(error) = ensure_no_token(line.iter().cloned()) {
        return Some(Err(error.into()));
    }
    let cli = Cli::try_parse_from(line).ok()?;
    match cli.command {
        // A server that runs until somebody ends it.
        #[cfg(feature = "demo")]
        Command::Emulator(_) | Command::Demo => None,
        _ => Some(command::run(cli).await),
    }
}

/// The exit code; or why the outcome does not deserve it.
fn judged(
    outcome: Option<std::result::Result<(), Failure>>,
    place: &Path,
) -> std::result::Result<usize, String> {
    let error = match outcome {
        // The argument parser says what is wrong with the line, and that is 2.
        None => return Ok(2),
        Some(Ok(()) | Err(Failure::Closed)) => return Ok(0),
        Some(Err(Failure::Told(code))) => return Ok(code.into()),
        Some(Err(Failure::Interrupted)) => return Err("nobody interrupted".to_owned()),
        Some(Err(Failure::Failed(error) | Failure::OfDespauth(error))) => error,
    };
    let (shown, code) = (error.to_string(), exit::code(error.kind()));
    // A file, a key, an argument or a variable.
    let place = place.display().to_string();
    let names = ["`", "--", "_", "stdin", "argument", &place];
    let why = match code {
        1 => "nobody broke a protocol",
        _ if shown.contains("report") => "nobody has a bug to report",
        _ if shown.contains("canary") => "a secret is shown",
        2 if !names.iter().any(|name| shown.contains(name)) => "it names nothing",
        code => return Ok(code.into()),
    };
    Err(format!("{why}: {shown}"))
}

/// A network in which nobody is.
#[derive(Debug)]
struct Nowhere;

impl HttpClient for Nowhere {
    fn send(&self, request: Request<Body>) -> BoxFuture<'_, Result<Response<Body>>> {
        let place = request.uri().host().unwrap_or_default().to_owned();
        Box::pin(async move {
            Err(Error::unavailable(format!("{place} can't be reached")).with_nothing_sent())
        })
    }
}
