//! The `auth` program: profiles, prompts and outputs around `auth-core` and the provider crates. It
//! holds no flow of its own.

mod args;
mod command;
mod config;
mod context;
mod exit;
mod harden;
mod interrupt;
mod log;
mod new_login;
mod notices;
mod output;
mod owner;
mod profile;
mod prompt;
mod secret;
mod sight;
mod stage;
mod store;

use std::process::ExitCode;

use auth_core::Error;
use clap::Parser;

use crate::args::{Cli, Command};
use crate::exit::Failure;

fn main() -> ExitCode {
    harden::harden();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(stop) => {
            // Help goes to stdout with 0, complaints to stderr with 2. Nobody to tell is no problem.
            let _ = stop.print();
            return ExitCode::from(u8::try_from(stop.exit_code()).unwrap_or(2));
        }
    };
    // What the demonstration does to its own tokens is no reason to warn anybody.
    if cli.globals.verbose > 0 || !matches!(cli.command, Command::Demo) {
        log::start(cli.globals.verbose);
    }
    exit::finish(run(cli))
}

fn run(cli: Cli) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::unavailable(format!("no runtime can be started: {error}")))?;
    let outcome = runtime.block_on(async {
        interrupt::survive_size_limit();
        command::run(cli).await
    });
    prompt::restore_terminal();
    // Whoever still reads a terminal or a pipe must not keep the program alive.
    runtime.shutdown_background();
    outcome
}
