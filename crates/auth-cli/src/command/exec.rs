//! `auth exec`: a program with a token in its environment.

use std::ffi::OsStr;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::Command;

use auth_core::session::Need;
use auth_core::{Error, Result};

use super::token;
use crate::args::{ExecArgs, Question};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::message;

pub(super) async fn run(context: &Context, args: &ExecArgs) -> Result<(), Failure> {
    let (program, arguments) = match &args.command[..] {
        [program, arguments @ ..] if !program.is_empty() => (program, arguments),
        _ => return Err(Error::config("there is no program to run").into()),
    };
    let mut command = Command::new(program);
    command.args(arguments);
    // Whoever is given a token needs none of the secrets that it comes from.
    let secrets = context.config.secret_variables().into_iter();
    // The token of an `auth exec` around this one comes from nowhere here.
    for variable in secrets.filter(|name| name != token::VARIABLE) {
        command.env_remove(variable);
    }
    for (name, profile) in given(args)? {
        let profile = match profile {
            Some(other) => context.profile(&Question::of(other))?,
            None => context.profile(&args.question)?,
        };
        let need = Need::new().with_min_ttl(args.min_ttl.unwrap_or_default());
        let token = token::get(context, &profile, need).await?;
        command.env(name, token.expose_secret());
    }
    let error = become_it(command);
    let (why, code) = match error.kind() {
        ErrorKind::NotFound if is_there(program) => (
            "names a program in its first line that is not there, or needs a loader that is not",
            NOT_RUN,
        ),
        ErrorKind::NotFound => ("is not found", NOT_FOUND),
        ErrorKind::PermissionDenied => ("may not be run", NOT_RUN),
        _ => ("can't be run", NOT_RUN),
    };
    let shown = Path::new(program).display();
    let error = Error::config(format!("`{shown}` {why}: {error}"))
        .with_advice("name a program behind `--`; no shell reads it");
    message::error(&error, code);
    Err(Failure::Told(code))
}

/// The variables, each with the profile whose token it has if that is another one.
fn given(args: &ExecArgs) -> Result<Vec<(&str, Option<&str>)>> {
    let said = args.env.iter();
    let mut all: Vec<(&str, Option<&str>)> = said
        .map(|variable| (&*variable.name, variable.profile.as_deref()))
        .collect();
    if all.iter().all(|(_, profile)| profile.is_some()) {
        all.insert(0, (token::VARIABLE, None));
    }
    let twice = |name: &str| all.iter().filter(|(other, _)| *other == name).count() > 1;
    match all.iter().find(|(name, _)| twice(name)) {
        Some((name, _)) => Err(Error::config(format!("{name} would have two tokens"))
            .with_advice("give each its own variable with --env")),
        None => Ok(all),
    }
}

/// Gives the process to the program: signals, terminal and exit code are its own from now on. Returns if that
/// can't be done.
#[cfg(unix)]
fn become_it(mut command: Command) -> std::io::Error {
    use std::os::unix::process::CommandExt;

    crate::output::wheel::hide();
    crate::harden::soften();
    command.exec()
}

/// Runs the program, and ends as it does. Ctrl-C reaches both; this one waits for the other.
#[cfg(not(unix))]
#[expect(
    clippy::exit,
    reason = "an exit code of Windows has more bits than ours"
)]
fn become_it(mut command: Command) -> std::io::Error {
    crate::output::wheel::hide();
    match command.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

/// Whether there is such a file, whatever it may need besides.
fn is_there(program: &OsStr) -> bool {
    let path = crate::variables::os("PATH").unwrap_or_default();
    let directories = match Path::new(program).components().count() {
        1 => std::env::split_paths(&path).collect(),
        _ => vec![PathBuf::new()],
    };
    let mut files = directories.iter().map(|directory| directory.join(program));
    files.any(|file| file.is_file())
}

/// What shells say of a program that is not there, and of one that they can't run.
const NOT_FOUND: u8 = 127;
const NOT_RUN: u8 = 126;
