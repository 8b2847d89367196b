//! [`Report`] and [`Line`]: what scripts read on stderr, one object a line. Fields are added, never renamed or removed.

use std::collections::BTreeMap;

use auth_core::{Error, ErrorKind};
use serde::Serialize;

use crate::args::with_arguments_cut;
use crate::failure::code;

/// Why a run failed: the last line of its stderr.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// `error`.
    level: &'static str,
    kind: &'static str,
    message: String,
    /// What to do next.
    advice: Option<String>,
    /// The OAuth `error` code, as the server spelled it.
    code: Option<String>,
    /// The HTTP status.
    status: Option<u16>,
    /// For how many seconds the server asks for a pause.
    retry_after: Option<u64>,
    /// By how many seconds the clock here is ahead of the server's.
    clock_ahead: Option<i64>,
    /// By what whoever runs the server finds the request.
    ids: BTreeMap<String, String>,
    /// The sources of a chain that had nothing, in the order in which they were tried.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tried: Vec<Tried>,
    exit_code: u8,
}

#[derive(Debug, Serialize)]
struct Tried {
    source: String,
    #[serde(flatten)]
    report: Report,
}

/// Everything else that is said.
#[derive(Debug, Serialize)]
pub(super) struct Line {
    level: &'static str,
    message: String,
}

impl Report {
    pub(super) fn of(error: &Error, exit_code: u8) -> Self {
        let tried = error.tried().map(|(source, error)| Tried {
            source: source.to_owned(),
            report: Self::of(error, code(error.kind())),
        });
        let ids = error
            .ids()
            .map(|(name, id)| (name.to_owned(), id.to_owned()));
        Self {
            code: error.code().map(str::to_owned),
            status: error.status(),
            retry_after: error.retry_after().map(|pause| pause.as_secs()),
            clock_ahead: error.clock_ahead(),
            ids: ids.collect(),
            tried: tried.collect(),
            ..Self::plain(
                kind(error.kind()),
                error.message(),
                error.advice(),
                exit_code,
            )
        }
    }

    /// One of which nothing more is known.
    pub(crate) fn plain(
        kind: &'static str,
        message: &str,
        advice: Option<&str>,
        exit_code: u8,
    ) -> Self {
        Self {
            level: "error",
            kind,
            message: with_arguments_cut(message.to_owned()),
            advice: advice.map(|advice| with_arguments_cut(advice.to_owned())),
            code: None,
            status: None,
            retry_after: None,
            clock_ahead: None,
            ids: BTreeMap::new(),
            tried: Vec::new(),
            exit_code,
        }
    }
}

impl Line {
    pub(super) fn warning(message: &str) -> Self {
        Self::of("warning", message)
    }

    pub(super) fn note(message: &str) -> Self {
        Self::of("note", message)
    }

    pub(super) fn step(message: &str) -> Self {
        Self::of("step", message)
    }

    fn of(level: &'static str, message: &str) -> Self {
        let message = with_arguments_cut(message.to_owned());
        Self { level, message }
    }
}

fn kind(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::Absent => "absent",
        ErrorKind::Config => "config",
        ErrorKind::Refused => "refused",
        ErrorKind::Interaction => "interaction",
        ErrorKind::Unavailable => "unavailable",
        ErrorKind::Store => "store",
        // What later versions of the core add is reported like this too.
        _ => "protocol",
    }
}
