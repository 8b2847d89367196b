//! What the libraries tell: their warnings always, and with `-v` each step. Only our own crates speak,
//! whose events hold no secret; those of the libraries below could quote a header.

use std::fmt::{self, Write};
use std::io::IsTerminal;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Subscriber};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::util::SubscriberInitExt;

use crate::output::message;

const OURS: [&str; 4] = ["auth", "auth_azure", "auth_core", "auth_jwt_bearer"];

/// Starts telling, as much as `verbosity` asks for.
pub(crate) fn start(verbosity: u8) {
    let level = match verbosity {
        0 => LevelFilter::WARN,
        1 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let colour = std::io::stderr().is_terminal() && crate::variables::os("NO_COLOR").is_none();
    let steps = tracing_subscriber::fmt::layer()
        .with_writer(std::io::stderr)
        .with_ansi(colour);
    let told = if verbosity == 0 || message::speaks_json() {
        Warnings.boxed()
    } else {
        steps.boxed()
    };
    let ours = Targets::new().with_targets(OURS.map(|target| (target, level)));
    // What a check of a token finds is what the command ends with; only a published secret is worth a word besides.
    let ours = match verbosity {
        0 => ours
            .with_target("auth_verify", LevelFilter::OFF)
            .with_target("auth_verify::keys::set", LevelFilter::ERROR),
        _ => ours,
    };
    // Nobody else sets a subscriber in this program.
    let _ = tracing_subscriber::registry()
        .with(told.with_filter(ours))
        .try_init();
}

/// Shows an event as one of the program's own warnings, or to scripts as a step.
struct Warnings;

impl<S: Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        let mut words = Words::default();
        event.record(&mut words);
        match *event.metadata().level() {
            Level::ERROR | Level::WARN => message::warn(&words.text()),
            _ => message::step(&words.text()),
        }
    }
}

/// The parts of an event.
#[derive(Default)]
struct Words {
    message: String,
    error: Option<String>,
    rest: Vec<String>,
}

impl Words {
    fn text(self) -> String {
        let mut text = self.message;
        if let Some(error) = self.error {
            text.push_str(&format!(": {error}"));
        }
        if !self.rest.is_empty() {
            text.push_str(&format!(" ({})", self.rest.join(", ")));
        }
        text
    }
}

impl Visit for Words {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        match field.name() {
            // Writing into a text can't fail.
            "message" => drop(write!(self.message, "{value:?}")),
            "error" => self.error = Some(format!("{value:?}")),
            name => self.rest.push(format!("{name} {value:?}")),
        }
    }
}
