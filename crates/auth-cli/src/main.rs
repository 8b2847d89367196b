//! The `auth` program: profiles, prompts and outputs around `auth-core` and the provider crates. It
//! holds no flow of its own.

mod args;
mod called;
mod child;
mod choice;
mod command;
mod completion;
mod config;
mod context;
mod exit;
mod failure;
mod field;
mod harden;
mod interrupt;
mod kubectl;
mod literal;
mod log;
mod mirrored;
mod network;
mod new_login;
mod notices;
mod output;
mod owner;
mod profile;
mod prompt;
mod secret;
mod sight;
#[cfg(feature = "demo")]
mod stage;
mod store;
#[cfg(test)]
mod strange;
mod variables;
mod waiting;

use std::process::ExitCode;

use auth_core::Error;
use clap::Parser;

use crate::args::{Cli, Command};
use crate::failure::Failure;

fn main() -> ExitCode {
    harden::harden();
    completion::answer();
    match args::wants_json_errors(std::env::args_os()) {
        Ok(true) => output::message::speak_json(),
        Ok(false) => {}
        Err(error) => return exit::finish(Err(error.into())),
    }
    if let Err(error) = args::ensure_no_token(std::env::args_os()) {
        return exit::finish(Err(error.into()));
    }
    let cli = match Cli::try_parse_from(called::words(std::env::args_os())) {
        Ok(cli) => cli,
        Err(stop) => return exit::unparsed(stop),
    };
    if !matches!(cli.command, Command::Exec(_)) {
        harden::harden_for_good();
    }
    // What the demonstration does to its own tokens is no reason to warn anybody.
    if cli.globals.verbose > 0 || !cli.command.is_demonstration() {
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
