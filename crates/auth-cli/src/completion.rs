//! What a shell offers where somebody presses Tab. It asks this program each time, so that it knows the profiles and the logins
//! of now. Nothing is sent, nothing is written, and what is wrong with the configuration is no word at this time.

use auth_core::Error;
use clap::{Command, CommandFactory};
use clap_complete::engine::{ArgValueCandidates, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use crate::args::{Cli, Globals};
use crate::config::{Config, Settings};
use crate::{store, variables};

/// Answers a shell, and ends the program; does nothing where none asks.
pub(crate) fn answer() {
    if variables::os(ASKED).is_some() {
        CompleteEnv::with_factory(command)
            .var(ASKED)
            .completer(PROGRAM)
            .complete();
    }
}

/// The script that teaches `shell` to ask.
///
/// # Errors
/// `Config` for a shell that is not known.
pub(crate) fn script(shell: &str) -> auth_core::Result<Vec<u8>> {
    let shells = Shells::builtins();
    let mut script = Vec::new();
    let written = shells
        .completer(shell)
        .map(|shell| shell.write_registration(ASKED, PROGRAM, PROGRAM, PROGRAM, &mut script));
    match written {
        Some(Ok(())) => Ok(script),
        _ => Err(Error::config(format!("there is no script for `{shell}`"))),
    }
}

/// The command line, whose profiles and accounts are those that there are.
fn command() -> Command {
    let mut command = Cli::command();
    // Each command's arguments are described only now.
    command.build();
    knowing(command)
}

fn knowing(command: Command) -> Command {
    command
        .mut_args(|argument| match argument.get_id().as_str() {
            "profile" => argument.add(ArgValueCandidates::new(profiles)),
            "account" => argument.add(ArgValueCandidates::new(accounts)),
            _ => argument,
        })
        .mut_subcommands(knowing)
}

fn profiles() -> Vec<CompletionCandidate> {
    let Ok(config) = Config::load(None) else {
        return Vec::new();
    };
    let names = config.names().into_iter();
    let offered = names.map(|name| {
        let profile = config.profile(name, Settings::default()).ok();
        let kind = profile.map(|profile| profile.kind.to_string().into());
        CompletionCandidate::new(name).help(kind)
    });
    offered.collect()
}

/// The names under which logins are kept.
fn accounts() -> Vec<CompletionCandidate> {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    let store = store::open(&Globals::default()).store;
    let sessions = runtime.map(|runtime| runtime.block_on(store.list()));
    let Ok(Ok(sessions)) = sessions else {
        return Vec::new();
    };
    let logins = sessions.iter().filter(|session| !session.is_account());
    let labels = logins.map(|session| session.account());
    // Not every shell quotes what it completes.
    let mut labels: Vec<&str> = labels.filter(|label| label.chars().all(is_plain)).collect();
    labels.sort_unstable();
    labels.dedup();
    labels.into_iter().map(CompletionCandidate::new).collect()
}

/// Whether no shell takes it for anything else.
fn is_plain(c: char) -> bool {
    c.is_alphanumeric() || "-._@+/".contains(c)
}

/// The variable by which a shell asks; what it asks is among the arguments.
const ASKED: &str = "AUTH_COMPLETE";

const PROGRAM: &str = "auth";
