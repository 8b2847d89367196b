//! `auth config path`: which file is read, and who says so.

use auth_core::Error;
use serde::Serialize;

use crate::args::Globals;
use crate::config::{Said, locate};
use crate::context;
use crate::failure::Failure;
use crate::output::{self, message};

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Answer {
    path: String,
    /// `--config`, `AUTH_CONFIG` or `the usual place`.
    from: String,
    exists: bool,
}

pub(super) fn run(globals: &Globals, json: bool) -> Result<(), Failure> {
    let place = locate(globals.config.as_deref()).ok_or_else(|| {
        Error::config("there is no home directory to look for a configuration in")
            .with_advice("set HOME, or name a file with --config or AUTH_CONFIG")
    })?;
    if place.said == Said::Habit {
        context::ensure_home_is_meant()?;
    }
    let answer = Answer {
        exists: place.path.exists(),
        path: place.path.display().to_string(),
        from: place.said.to_string(),
    };
    if json {
        return output::print_json(&answer);
    }
    let why = match place.said {
        Said::Habit => format!("it is {}", place.said),
        Said::Flag | Said::Variable => format!("{} names it", place.said),
    };
    message::note(&match answer.exists {
        true => why,
        false => format!("{why}; there is no such file yet"),
    });
    output::print(format!("{}\n", answer.path).as_bytes())
}
