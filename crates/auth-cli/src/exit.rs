//! How a run ends: one line on stderr, and the exit code that the help promises.

use std::process::ExitCode;

use auth_core::ErrorKind;
use clap::error::{ContextKind, ContextValue};

use crate::args::without_long_arguments;
use crate::config::is_slip;
use crate::failure::Failure;
use crate::output::message;

/// Says what went wrong, and turns it into an exit code.
pub(crate) fn finish(outcome: Result<(), Failure>) -> ExitCode {
    match outcome {
        Ok(()) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Told(code)) => ExitCode::from(code),
        Err(Failure::Interrupted) => ExitCode::from(INTERRUPTED),
        Err(Failure::OfDespauth(error)) => {
            message::error(&error);
            ExitCode::from(if code(error.kind()) == 2 { 2 } else { 1 })
        }
        Err(Failure::Failed(error)) => {
            message::error(&error);
            ExitCode::from(code(error.kind()))
        }
    }
}

/// Shows the help that was asked for, or what is wrong with the command line.
pub(crate) fn unparsed(mut stop: clap::Error) -> ExitCode {
    if is_misled(&stop) {
        stop.remove(ContextKind::SuggestedArg);
        stop.remove(ContextKind::Usage);
    }
    if stop.use_stderr() {
        message::plain(without_long_arguments(stop.render().ansi().to_string()).trim_end());
    } else {
        // Nobody to tell is no problem.
        let _ = stop.print();
    }
    ExitCode::from(u8::try_from(stop.exit_code()).unwrap_or(2))
}

/// Whether the option that is suggested is another one, and not what was mistyped.
fn is_misled(stop: &clap::Error) -> bool {
    let text = |kind| match stop.get(kind) {
        Some(ContextValue::String(text)) => Some(text.trim_start_matches('-')),
        _ => None,
    };
    let typed = text(ContextKind::InvalidArg);
    let tip = text(ContextKind::SuggestedArg);
    typed
        .zip(tip)
        .is_some_and(|(typed, tip)| !is_slip(typed, tip))
}

/// The exit code of an interrupt, as shells count: 128 and the number of SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// The exit code of an error.
pub(crate) fn code(kind: ErrorKind) -> u8 {
    match kind {
        ErrorKind::Absent | ErrorKind::Config => 2,
        ErrorKind::Refused => 3,
        ErrorKind::Interaction => 4,
        ErrorKind::Unavailable => 5,
        ErrorKind::Store => 6,
        // `Protocol`, and what later versions of the core add.
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_has_the_exit_code_of_the_help() {
        let kinds = [
            (ErrorKind::Protocol, 1),
            (ErrorKind::Absent, 2),
            (ErrorKind::Config, 2),
            (ErrorKind::Refused, 3),
            (ErrorKind::Interaction, 4),
            (ErrorKind::Unavailable, 5),
            (ErrorKind::Store, 6),
        ];
        for (kind, expected) in kinds {
            assert_eq!(code(kind), expected, "{kind:?}");
        }
    }
}
