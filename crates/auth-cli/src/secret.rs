//! Secrets: where each one is, and how it is fetched from there. Never from an argument.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth_core::prompt::Echo;
use auth_core::{Error, Prompt, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::output::message;
use crate::owner;

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
    /// Here: a preset has found it.
    Given(SecretString),
}

impl SecretSource {
    /// Whether fetching it may take a person's time: a vault asks for its own password.
    pub(crate) fn may_ask(&self) -> bool {
        matches!(self, Self::Prompt(_) | Self::Command(_) | Self::Stdin)
    }

    /// What is missing to fetch it, if that can be told without fetching it.
    pub(crate) fn lacks(&self) -> Option<String> {
        match self {
            Self::Env(name) if std::env::var_os(name).is_none_or(|value| value.is_empty()) => {
                Some(name.clone())
            }
            Self::File(path) if !path.exists() => Some(path.display().to_string()),
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
            Self::Prompt(_) => f.write_str("a prompt"),
            Self::Command(words) => write!(f, "the command `{}`", words.join(" ")),
            Self::Given(_) => f.write_str("the preset"),
        }
    }
}

/// Fetches secrets. Knows whether stdin was read, and what no child process may see.
#[derive(Clone, Debug)]
pub(crate) struct Secrets(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    prompt: Arc<dyn Prompt>,
    stdin_is_spent: AtomicBool,
    variables: Vec<String>,
}

impl Secrets {
    /// `variables` hold secrets: the programs that are run do not get them.
    pub(crate) fn new(prompt: Arc<dyn Prompt>, variables: Vec<String>) -> Self {
        Self(Arc::new(Inner {
            prompt,
            stdin_is_spent: AtomicBool::new(false),
            variables,
        }))
    }

    /// Fetches the secret that `subject` names in messages.
    ///
    /// # Errors
    /// `Config` where it is not, or `Interaction` where a person would be needed.
    pub(crate) async fn fetch(&self, subject: &str, source: &SecretSource) -> Result<SecretString> {
        let secret = match source {
            SecretSource::Prompt(question) => self.0.prompt.ask(question, Echo::Hidden).await,
            SecretSource::Command(words) => self.run(words).await,
            SecretSource::Stdin => self.stdin().await.map(SecretString::from),
            at_hand => self.at_hand(at_hand),
        };
        match secret {
            Ok(secret) if secret.expose_secret().is_empty() => {
                Err(Error::config(format!("{subject}: {source} is empty"))
                    .with_advice("put the secret there, or name another place"))
            }
            Ok(secret) => Ok(secret),
            Err(error) => Err(error.context(subject)),
        }
    }

    /// Fetches a secret that is at hand.
    ///
    /// # Errors
    /// `Config` where it is not.
    pub(crate) fn at_hand(&self, source: &SecretSource) -> Result<SecretString> {
        match source {
            SecretSource::Given(secret) => Ok(secret.clone()),
            SecretSource::Env(name) => match std::env::var(name) {
                Ok(value) if !value.is_empty() => Ok(value.into()),
                Ok(_) | Err(std::env::VarError::NotPresent) => {
                    Err(Error::config(format!("the variable {name} is not set"))
                        .with_advice("set it"))
                }
                Err(_) => Err(Error::config(format!("{name} is not a text in UTF-8"))),
            },
            SecretSource::File(path) => file(path),
            other => Err(Error::config(format!("{other} is not at hand"))),
        }
    }

    /// All of stdin.
    ///
    /// # Errors
    /// `Config` if somebody else has read it.
    pub(crate) async fn stdin(&self) -> Result<String> {
        if self.0.stdin_is_spent.swap(true, Ordering::AcqRel) {
            return Err(Error::config("stdin was read before")
                .with_advice("only one thing can come from stdin: name a file for the other"));
        }
        let read = tokio::task::spawn_blocking(|| text(&mut std::io::stdin().lock()));
        let text = read
            .await
            .map_err(|_| Error::config("stdin can't be read"))?;
        text.map_err(|error| Error::config(format!("stdin can't be read: {error}")))
    }

    async fn run(&self, words: &[String]) -> Result<SecretString> {
        let shown = format!("the command `{}`", words.join(" "));
        let [program, arguments @ ..] = words else {
            return Err(Error::config("the command for a secret is empty"));
        };
        let mut command = tokio::process::Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command.stdout(Stdio::piped()).stderr(Stdio::inherit());
        for variable in &self.0.variables {
            command.env_remove(variable);
        }
        let output = command.spawn().map_err(|error| {
            Error::config(format!("{shown} can't be run: {error}"))
                .with_advice("its first word must be a program; no shell reads it")
        })?;
        let output = output.wait_with_output().await;
        let output = output.map_err(|error| Error::config(format!("{shown} failed: {error}")))?;
        if !output.status.success() {
            return Err(Error::config(format!("{shown} failed: {}", output.status))
                .with_advice("run it by hand to see why"));
        }
        text(&mut &*output.stdout)
            .map(SecretString::from)
            .map_err(|error| Error::config(format!("{shown}: {error}")))
    }
}

/// The secret in a file, which should be readable by its owner alone.
///
/// # Errors
/// `Config` if it can't be read, or if somebody else could have written it.
pub(crate) fn file(path: &Path) -> Result<SecretString> {
    let shown = path.display();
    let fail = |error: std::io::Error| {
        Error::config(format!("the secret's file {shown} can't be read: {error}"))
            .with_advice("name another file, or change its rights")
    };
    let mut file = std::fs::File::open(path).map_err(fail)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(fail(std::io::ErrorKind::IsADirectory.into()));
    }
    owner::ensure_private_to_write(&file, path)?;
    if owner::is_readable_by_others(&file) {
        message::warn(&format!(
            "others can read the secret in {shown}; take that right away: chmod 600 {shown}"
        ));
    }
    text(&mut file).map(SecretString::from).map_err(fail)
}

/// At most 64 KiB, without the line break that editors and `echo` put at the end.
fn text(from: &mut impl Read) -> std::io::Result<String> {
    const LIMIT: u64 = 64 << 10;
    let mut text = String::new();
    from.take(LIMIT + 1).read_to_string(&mut text)?;
    if text.len() as u64 > LIMIT {
        return Err(std::io::Error::other(format!("longer than {LIMIT} bytes")));
    }
    let kept = text.strip_suffix('\n').unwrap_or(&text);
    text.truncate(kept.strip_suffix('\r').unwrap_or(kept).len());
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn one_line_break_at_the_end_is_not_part_of_a_secret() {
        for (given, kept) in [("s\n", "s"), ("s\r\n", "s"), ("s\n\n", "s\n"), (" s", " s")] {
            assert_eq!(text(&mut given.as_bytes()).unwrap(), kept);
        }
        assert!(text(&mut "x".repeat(70_000).as_bytes()).is_err());
    }
}
