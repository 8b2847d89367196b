//! `auth config check`: everything that is wrong with the profiles, not only the first of it.

use auth_core::{Error, ErrorKind};
use serde::Serialize;

use crate::config::{Profile, Settings};
use crate::context::Context;
use crate::failure::Failure;
use crate::output::{self, message};
use crate::profile;

/// What scripts read: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Mistake {
    /// None where the file is wrong beyond a single profile.
    profile: Option<String>,
    message: String,
    advice: Option<String>,
}

pub(super) async fn run(context: &Context, json: bool) -> Result<(), Failure> {
    let mut mistakes: Vec<Mistake> = Vec::new();
    let mut add = |profile: Option<&str>, error: &Error| {
        // What breaks a profile may be what is wrong with the file.
        if !mistakes
            .iter()
            .any(|known| known.message == error.message())
        {
            mistakes.push(Mistake {
                profile: profile.map(str::to_owned),
                message: error.message().to_owned(),
                advice: error.advice().map(str::to_owned),
            });
        }
    };
    let names = context.config.names();
    for error in context.config.files().problems() {
        add(None, error);
    }
    for name in &names {
        for error in context.config.mistakes(name) {
            add(Some(name), &error);
        }
        if let Ok(profile) = context.config.profile(name, Settings::default())
            && let Some(error) = unusable(context, &profile).await
        {
            add(Some(name), &error);
        }
    }
    if json {
        output::print_json(&mistakes)?;
    }
    let files: Vec<String> = context
        .config
        .files()
        .paths()
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let files = match files.is_empty() {
        true => "no file".to_owned(),
        false => files.join(", "),
    };
    if mistakes.is_empty() {
        message::note(&format!(
            "{} profiles, no mistake (read: {files})",
            names.len()
        ));
        return Ok(());
    }
    for mistake in mistakes.iter().filter(|_| !json) {
        let advice = mistake.advice.as_ref().map(|advice| format!("; {advice}"));
        message::warn(&format!(
            "{}{}",
            mistake.message,
            advice.unwrap_or_default()
        ));
    }
    let what = match mistakes.len() {
        1 => "1 mistake was found".to_owned(),
        many => format!("{many} mistakes were found"),
    };
    Err(Error::config(format!("{what} (read: {files})"))
        .with_advice("mend what the lines before name")
        .into())
}

/// What keeps the profile from being used, wherever it is used: what only this machine lacks (a variable, a file) is no mistake.
async fn unusable(context: &Context, profile: &Profile) -> Option<Error> {
    match profile::missing(profile).await {
        Ok(missing) if missing.is_empty() => {}
        Ok(missing) if context.config.is_in_file(&profile.name) => {
            message::note(&format!(
                "{} needs {} here",
                profile.name,
                missing.join(", ")
            ));
            return None;
        }
        _ => return None,
    }
    let found = profile::find_problem(profile, &context.io(profile), &context.secrets).await;
    found
        .err()
        .filter(|error| error.kind() == ErrorKind::Config)
}
