//! A program whose stdout is the secret.

use std::process::Stdio;

use auth_core::{Error, Result};
use secrecy::SecretString;
use tokio::io::AsyncReadExt;

use super::{LIMIT, alone};
use crate::child;

/// Runs a program with its arguments, which no shell reads. It gets none of the variables in `hidden`, and
/// ends when nobody waits for it any more.
pub(super) async fn run(words: &[String], hidden: &[String]) -> Result<SecretString> {
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
    for variable in hidden {
        command.env_remove(variable);
    }
    command.env(NESTED, depth(&shown)?.to_string());
    let failed = |error: std::io::Error| Error::config(format!("{shown} failed: {error}"));
    let mut child = child::start(command).await.map_err(|error| {
        Error::config(format!("{shown} can't be run: {error}"))
            .with_advice("its first word must be a program; no shell reads it")
    })?;
    let mut said = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut stdout = stdout.take(LIMIT + 1);
        stdout.read_to_end(&mut said).await.map_err(failed)?;
    }
    let no_secret = |what: &str| {
        Error::config(format!("what {shown} says {what}"))
            .with_advice("have it write the secret alone to its stdout, as plain text")
    };
    if said.len() as u64 > LIMIT {
        return Err(no_secret("is too long for a secret"));
    }
    let status = child.wait().await.map_err(failed)?;
    if !status.success() {
        return Err(Error::config(format!("{shown} failed: {status}"))
            .with_advice("run it by hand to see why"));
    }
    alone(&said, &format!("what {shown} says"))
}

/// How many commands for secrets are around the one that is run now.
///
/// # Errors
/// `Config` where one has this program ask for what it itself is asked for.
fn depth(shown: &str) -> Result<u8> {
    let around = crate::variables::text(NESTED).ok();
    let around = around.and_then(|text| text.parse().ok()).unwrap_or(0);
    match around < DEEPEST {
        true => Ok(around + 1),
        false => Err(Error::config(format!(
            "{shown} asks this program, which runs a command, and so on"
        ))
        .with_advice("name a command that has the secret itself")),
    }
}

/// The variable that tells a command's own runs of this program about it.
const NESTED: &str = "AUTH_NESTED";

/// More tokens, each of which another one is asked with, nobody has.
const DEEPEST: u8 = 5;
