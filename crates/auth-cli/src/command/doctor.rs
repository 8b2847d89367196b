//! `auth doctor`: what may be wrong here, each with what to do next. Safe to paste: no secret, no person, no home.

mod here;
mod server;

use auth_core::{Error, ErrorKind, Result};
use serde::Serialize;

use crate::args::{DoctorArgs, Globals, Question};
use crate::context::{Context, default_profile};
use crate::failure::Failure;
use crate::output::{self, message};

/// What was looked at. Scripts read it: fields are added, never renamed or removed.
#[derive(Debug, Serialize)]
struct Finding {
    check: &'static str,
    state: State,
    message: String,
    /// What to do next.
    advice: Option<String>,
    #[serde(skip)]
    kind: Option<ErrorKind>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warning,
    Failed,
}

pub(super) async fn run(globals: Globals, args: &DoctorArgs) -> Result<(), Failure> {
    let mut findings = vec![here::version()];
    // Whoever reads the configuration says what is wrong with it, and then little more can be told.
    match Context::new(globals) {
        Ok(context) => {
            findings.extend(here::all(&context).await);
            if let Some(name) = args.profile.clone().or_else(default_profile) {
                match context.profile(&Question::about(&Some(name))) {
                    Ok(profile) => findings.extend(server::all(&context, &profile).await),
                    Err(error) => findings.push(Finding::failed("profile", &error)),
                }
            }
        }
        Err(error) => findings.push(Finding::failed("configuration", &error)),
    }
    for finding in &mut findings {
        finding.message = without_home(&finding.message);
        finding.advice = finding.advice.as_deref().map(without_home);
    }
    match args.json {
        true => output::print_json(&findings)?,
        false => show(&findings)?,
    }
    judge(&findings, args.json)
}

/// A line for each, and below it what to do.
fn show(findings: &[Finding]) -> Result<(), Failure> {
    let mut text = String::new();
    for finding in findings {
        let state = match finding.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "failed",
        };
        text += &format!(
            "{state:<8} {:<14} {}\n",
            finding.check,
            auth_core::error::Untrusted::new(&finding.message).with_limit(2000)
        );
        if let Some(advice) = &finding.advice {
            let advice = auth_core::error::Untrusted::new(advice).with_limit(2000);
            text += &format!("{:<23} → {advice}\n", "");
        }
    }
    output::print(text.as_bytes())
}

/// The exit code is that of the first failure.
fn judge(findings: &[Finding], json: bool) -> Result<(), Failure> {
    let failed: Vec<&Finding> = findings
        .iter()
        .filter(|finding| finding.state == State::Failed)
        .collect();
    let Some(first) = failed.first() else {
        if !json && findings.iter().all(|finding| finding.state == State::Ok) {
            message::note("nothing is wrong");
        }
        return Ok(());
    };
    let names: Vec<&str> = failed.iter().map(|finding| finding.check).collect();
    let error = Error::new(
        first.kind.unwrap_or(ErrorKind::Config),
        format!(
            "{} of {} checks failed: `{}`",
            failed.len(),
            findings.len(),
            names.join("`, `")
        ),
    );
    Err(error.with_advice("see what stands below each").into())
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self {
            check,
            state: State::Ok,
            message: message.into(),
            advice: None,
            kind: None,
        }
    }

    fn warning(check: &'static str, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            state: State::Warning,
            advice: Some(advice.into()),
            ..Self::ok(check, message)
        }
    }

    fn failed(check: &'static str, error: &Error) -> Self {
        Self {
            state: State::Failed,
            advice: error.advice().map(str::to_owned),
            kind: Some(error.kind()),
            ..Self::ok(check, error.message())
        }
    }

    /// What was found, or why not.
    fn of(check: &'static str, outcome: Result<String>) -> Self {
        match outcome {
            Ok(message) => Self::ok(check, message),
            Err(error) => Self::failed(check, &error),
        }
    }
}

/// The text with `~` for the home directory, whose name is a person's mostly.
fn without_home(text: &str) -> String {
    let home = etcetera::home_dir().ok();
    let home = home.as_deref().and_then(|home| home.to_str());
    match home.map(|home| home.trim_end_matches('/')) {
        Some(home) if home.len() > 1 => without(text, home),
        _ => text.to_owned(),
    }
}

/// The same for that directory; another one whose name goes on after it is another person's.
fn without(text: &str, home: &str) -> String {
    let mut pieces = text.split(home);
    let mut all = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let goes_on = |letter: char| letter.is_alphanumeric() || "-_.".contains(letter);
        all.push_str(if piece.starts_with(goes_on) {
            home
        } else {
            "~"
        });
        all.push_str(piece);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn a_home_is_a_tilde_wherever_it_stands_and_another_one_is_not() {
        let text = "/people/ada: /people/ada/x, `/people/ada`, /people/adam/y, /people/ada.old";
        assert_eq!(
            without(text, "/people/ada"),
            "~: ~/x, `~`, /people/adam/y, /people/ada.old"
        );
    }
}
