//! How a run ends: one line on stderr, and the exit code that the help promises.

use std::process::ExitCode;

use auth_core::Error;
use clap::CommandFactory;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::args::{Cli, meant, with_arguments_cut};
use crate::config::is_slip;
use crate::failure::{Failure, code};
use crate::output::report::Report;
use crate::output::{self, message, wheel};

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
    keep_likely_commands(&mut stop);
    suggest_likely_value(&mut stop);
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
        let good: Vec<_> = tips.iter().filter(is_good).cloned().collect();
        match good.is_empty() {
            true => stop.remove(ContextKind::Suggested),
            false => stop.insert(ContextKind::Suggested, ContextValue::StyledStrs(good)),
        };
    }
    if stop.use_stderr() && message::speaks_json() {
        message::plain_json(&usage(&stop));
    } else if stop.use_stderr() {
        message::plain(with_arguments_cut(stop.render().ansi().to_string()).trim_end());
    } else if let Err(failure) = output::print_help(&stop) {
        return finish(Err(failure));
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
    let Some(ContextValue::String(typed)) = stop.get(kind) else {
        return None;
    };
    // Behind a command a word without dashes is a value too many, and no command.
    match kind == ContextKind::InvalidArg && !typed.starts_with('-') {
        true => is_of(stop, "exec").then_some("write `--` before the program"),
        false => meant(typed, |command| is_of(stop, command)),
    }
}

/// Whether the command line is one of this command.
fn is_of(stop: &clap::Error, command: &str) -> bool {
    let usage = stop.get(ContextKind::Usage).map(ToString::to_string);
    usage.is_some_and(|usage| usage.contains(&format!("auth {command} ")))
}

/// Leaves of the commands that are suggested those that are what was mistyped, or a part of them.
fn keep_likely_commands(stop: &mut clap::Error) {
    let Some(ContextValue::String(typed)) = stop.get(ContextKind::InvalidSubcommand) else {
        return;
    };
    let typed = typed.to_ascii_lowercase();
    let names = match stop.get(ContextKind::SuggestedSubcommand) {
        _ if Cli::command().find_subcommand(&typed).is_some() => vec![typed.clone()],
        Some(ContextValue::String(name)) => vec![name.clone()],
        Some(ContextValue::Strings(names)) => names.clone(),
        _ => return,
    };
    let is_likely =
        |name: &String| is_slip(&typed, name) || (typed.len() > 2 && name.contains(typed.as_str()));
    let likely: Vec<_> = names.into_iter().filter(is_likely).collect();
    match likely.is_empty() {
        true => stop.remove(ContextKind::SuggestedSubcommand),
        false => stop.insert(
            ContextKind::SuggestedSubcommand,
            ContextValue::Strings(likely),
        ),
    };
}

/// Suggests of the values that there are the one that is what was mistyped, or none.
fn suggest_likely_value(stop: &mut clap::Error) {
    let (Some(ContextValue::String(typed)), Some(ContextValue::Strings(there))) = (
        stop.get(ContextKind::InvalidValue),
        stop.get(ContextKind::ValidValue),
    ) else {
        return;
    };
    let typed = typed.to_ascii_lowercase().replace('_', "-");
    let likely = there.iter().find(|value| is_slip(&typed, value)).cloned();
    match likely {
        Some(value) => stop.insert(ContextKind::SuggestedValue, ContextValue::String(value)),
        None => stop.remove(ContextKind::SuggestedValue),
    };
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
