//! Secrets: where each one is, and how it is had from there. Never from an argument.

mod command;
mod file;
mod profile_secret;
mod secrets;

use std::fmt;
use std::path::{Path, PathBuf};

use auth_core::session::FileSecret;
use auth_core::{Error, Result};
use secrecy::SecretString;

pub(crate) use file::{bytes, ensure_private, file};
pub(crate) use profile_secret::ProfileSecret;
pub(crate) use secrets::Secrets;

use crate::prompt;

/// Where a secret is.
#[derive(Clone, Debug)]
pub(crate) enum SecretSource {
    /// In an environment variable.
    Env(String),
    /// In a file.
    File(PathBuf),
    /// On our stdin, all of it.
    Stdin,
    /// In a person's head; the text is the question.
    Prompt(String),
    /// On the stdout of a program: its name and its arguments. No shell reads them.
    Command(Vec<String>),
    /// At GitHub, which knows the job of a workflow that this is: who it is, as an assertion for that audience, or for
    /// whom it is usually shown to.
    GitHub(Option<String>),
    /// Here.
    Given(SecretString),
}

impl SecretSource {
    /// Whether fetching it may take a person's time: a vault asks for its own password.
    pub(crate) fn may_ask(&self) -> bool {
        matches!(self, Self::Prompt(_) | Self::Command(_) | Self::Stdin)
    }

    /// The place, as a name for what is there, where it costs something to look. `None` where it costs
    /// nothing.
    pub(crate) fn place(&self) -> Option<String> {
        match self {
            Self::File(path) => Some(path.display().to_string()),
            Self::Prompt(question) => Some(question.clone()),
            Self::Command(words) => Some(words.join(" ")),
            Self::Env(_) | Self::Stdin | Self::GitHub(_) | Self::Given(_) => None,
        }
    }

    /// Why there can be nothing at such a place.
    pub(crate) fn flaw(&self) -> Option<&'static str> {
        let is_odd = |c: char| c.is_control() || c.is_whitespace() || c == '=';
        match self {
            Self::Env(name) if name.is_empty() || name.contains(is_odd) => {
                Some("names no variable")
            }
            Self::File(path) if path.to_string_lossy().contains('\0') => Some("names no file"),
            Self::Prompt(question) if question.trim().is_empty() => Some("has an empty question"),
            Self::Command(words) if words.iter().any(|word| word.contains('\0')) => {
                Some("has a word with a NUL character, which no program can be given")
            }
            Self::Command(words) if words.first().is_none_or(|word| word.trim().is_empty()) => {
                Some("names no program")
            }
            _ => None,
        }
    }

    /// What is missing to fetch it, if that can be told without fetching it.
    pub(crate) async fn lacks(&self) -> Option<String> {
        let source = self.clone();
        let looked = tokio::task::spawn_blocking(move || source.lacks_now()).await;
        looked.ok().flatten()
    }

    fn lacks_now(&self) -> Option<String> {
        match self {
            Self::Env(name) if crate::variables::os(name).is_none_or(|value| value.is_empty()) => {
                Some(name.clone())
            }
            Self::GitHub(_) if crate::variables::os(GITHUB).is_none() => Some(GITHUB.to_owned()),
            Self::File(path) if !path.exists() => Some(path.display().to_string()),
            Self::Prompt(_) if !prompt::can_ask() => Some("a terminal".to_owned()),
            Self::Command(words) => {
                let program = words.first().filter(|program| !is_there(program));
                program.map(|program| format!("the program `{program}`"))
            }
            _ => None,
        }
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
            Self::Stdin => f.write_str("stdin"),
            Self::GitHub(_) => f.write_str("GitHub, in a job of a workflow"),
            Self::Prompt(_) => f.write_str("a prompt"),
            Self::Command(words) => write!(f, "the command `{}`", words.join(" ")),
            Self::Given(_) => f.write_str("a value that is not shown"),
        }
    }
}

/// Whether there is a program of that name, or at that path.
fn is_there(program: &str) -> bool {
    if Path::new(program).components().count() > 1 {
        return Path::new(program).exists();
    }
    let search = crate::variables::os("PATH").unwrap_or_default();
    std::env::split_paths(&search).any(|directory| {
        let place = directory.join(program);
        place.exists() || place.with_extension("exe").exists()
    })
}

/// The secret that somebody wrote somewhere, read as one in a file.
///
/// # Errors
/// `Config` if it is no text; `what` said it.
fn alone(bytes: &[u8], what: &str) -> Result<SecretString> {
    FileSecret::in_bytes(bytes).ok_or_else(|| {
        Error::config(format!("{what} is no text in UTF-8 or UTF-16"))
            .with_advice("give the secret alone, as plain text")
    })
}

/// What lets a job of a workflow ask who it is: whoever has it is that job.
pub(crate) const JOB: &str = "ACTIONS_ID_TOKEN_REQUEST_TOKEN";

/// What tells a job of GitHub's where to ask who it is.
const GITHUB: &str = "ACTIONS_ID_TOKEN_REQUEST_URL";

/// No secret is longer.
const LIMIT: u64 = 64 << 10;

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn white_space_around_a_secret_is_not_part_of_it() {
        for (given, kept) in [("s\n", "s"), ("s\r\n", "s"), ("\u{feff} s t ", "s t")] {
            let secret = alone(given.as_bytes(), "it").unwrap();
            assert_eq!(secret.expose_secret(), kept);
        }
    }
}
