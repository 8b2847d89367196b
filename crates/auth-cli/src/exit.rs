//! How a run ends: one line on stderr, and the exit code that the help promises.

use std::process::ExitCode;

use auth_core::Error;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::{meant, with_arguments_cut};
use crate::config::is_slip;
use crate::failure::{Failure, code};
use crate::output::report::Report;
use crate::output::{message, wheel};

/// Says what went wrong, and turns it into an exit code.
pub(crate) fn finish(outcome: Result<(), Failure>) -> ExitCode {
    wheel::hide();
    match outcome {
        Ok(()) | Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Told(code)) => ExitCode::from(code),
        Err(Failure::Interrupted) => {
            if message::speaks_json() {
                let why = "the run was interrupted";
                message::plain_json(&Report::plain("interrupted", why, None, INTERRUPTED));
            }
            ExitCode::from(INTERRUPTED)
        }
        Err(Failure::OfDespauth(error)) => {
            failed(&error, if code(error.kind()) == 2 { 2 } else { 1 })
        }
        Err(Failure::Failed(error)) => failed(&error, code(error.kind())),
    }
}

fn failed(error: &Error, code: u8) -> ExitCode {
    message::error(error, code);
    ExitCode::from(code)
}

/// Shows the help that was asked for, or what is wrong with the command line.
pub(crate) fn unparsed(mut stop: clap::Error) -> ExitCode {
    if is_misled(&stop) {
        stop.remove(ContextKind::SuggestedArg);
        stop.remove(ContextKind::Usage);
    }
    if let Some(tip) = of_another_program(&stop) {
        stop.remove(ContextKind::SuggestedSubcommand);
        stop.remove(ContextKind::SuggestedArg);
        stop.insert(
            ContextKind::Suggested,
            ContextValue::StyledStrs(vec![tip.into()]),
        );
    }
    // An option that is not there is no value that somebody meant to pass.
    if let Some(ContextValue::StyledStrs(tips)) = stop.get(ContextKind::Suggested) {
        let is_good = |tip: &&StyledStr| !tip.to_string().contains("as a value");
        let good = tips.iter().filter(is_good).cloned().collect();
        stop.insert(ContextKind::Suggested, ContextValue::StyledStrs(good));
    }
    if stop.use_stderr() && message::speaks_json() {
        message::plain_json(&usage(&stop));
    } else if stop.use_stderr() {
        message::plain(with_arguments_cut(stop.render().ansi().to_string()).trim_end());
    } else {
        // Nobody to tell is no problem.
        let _ = stop.print();
    }
    ExitCode::from(u8::try_from(stop.exit_code()).unwrap_or(2))
}

/// What the argument parser says in paragraphs: what is wrong, a tip where it has one, the usage.
fn usage(stop: &clap::Error) -> Report {
    let text = stop.render().to_string();
    let mut paragraphs = text.split("\n\n").map(|paragraph| {
        let words = paragraph.split_whitespace();
        words.collect::<Vec<_>>().join(" ")
    });
    let first = paragraphs.next().unwrap_or_default();
    let (what, advice) = match first.strip_prefix("error: ") {
        Some(what) => (what, paragraphs.next()),
        // The whole help.
        None => ("no command is named", Some("see `auth --help`".to_owned())),
    };
    let advice = advice
        .as_deref()
        .map(|advice| advice.trim_start_matches("tip: "));
    Report::plain("config", what, advice, 2)
}

/// What was meant by a word that other programs have.
fn of_another_program(stop: &clap::Error) -> Option<&'static str> {
    let kind = match stop.kind() {
        ErrorKind::InvalidSubcommand => ContextKind::InvalidSubcommand,
        ErrorKind::UnknownArgument => ContextKind::InvalidArg,
        _ => return None,
    };
    match stop.get(kind) {
        Some(ContextValue::String(typed)) => meant(typed),
        _ => None,
    }
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
