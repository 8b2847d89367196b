//! What goes out: only what was asked for on stdout, everything else on stderr.

pub(crate) mod body;
pub(crate) mod json;
pub(crate) mod message;
pub(crate) mod quoted;
pub(crate) mod report;
mod shell;
pub(crate) mod table;
pub(crate) mod time;
pub(crate) mod token;
pub(crate) mod wheel;

use std::io::Write;

use auth_core::Error;

use crate::failure::Failure;

/// Writes what was asked for to stdout.
///
/// # Errors
/// `Closed` if nobody reads it any more.
pub(crate) fn print(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = stdout();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(failed)
}

/// Writes `value` as JSON, one object or list on many lines, harmless on a terminal.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_json(value: &impl serde::Serialize) -> Result<(), Failure> {
    print(json::text(value)?.as_bytes())
}

/// Writes the help, or the version, that was asked for.
///
/// # Errors
/// As [`print()`].
pub(crate) fn print_help(help: &clap::Error) -> Result<(), Failure> {
    help.print().map_err(failed)
}

#[cfg(not(test))]
fn stdout() -> impl Write {
    wheel::hide();
    std::io::stdout().lock()
}

/// A test of the program in its own process reads what went wrong, and nothing else.
#[cfg(test)]
fn stdout() -> impl Write {
    std::io::sink()
}

fn failed(error: std::io::Error) -> Failure {
    if error.kind() == std::io::ErrorKind::BrokenPipe {
        return Failure::Closed;
    }
    Failure::Failed(
        Error::protocol(format!("stdout can't be written: {error}"))
            .with_advice("make room there, or send the output elsewhere"),
    )
}
