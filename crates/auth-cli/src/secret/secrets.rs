//! [`Secrets`]: what all the secrets of a run share.

use std::io::Read;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use auth_core::prompt::Echo;
use auth_core::session::{Held, Secret};
use auth_core::{Error, Prompt, Result};
use secrecy::{ExposeSecret, SecretString};

use super::file::PrivateFile;
use super::{LIMIT, SecretSource, alone, command};
use crate::{interrupt, prompt, waiting};

/// Fetches secrets. Knows whom to ask, whether stdin was read, and what no child process may see.
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

    /// The variables that hold secrets.
    pub(crate) fn hidden(&self) -> Vec<String> {
        self.0.variables.clone()
    }

    /// Fetches what is in `source`, without a wait on the runtime's thread. Nothing was sent before it is there, so
    /// whoever ends the program meanwhile need not wait for a pipe that nobody writes to.
    ///
    /// # Errors
    /// `Config` where it is not, or `Interaction` where a person would be needed, or where the program is to end.
    pub(super) async fn fetch(&self, source: &SecretSource, held: &Held) -> Result<SecretString> {
        tokio::select! {
            biased;
            secret = self.fetch_from(source, held) => secret,
            () = interrupt::requested_too() => {
                Err(Error::interaction(format!("{source} was waited for when the program was to end")))
            }
        }
    }

    async fn fetch_from(&self, source: &SecretSource, held: &Held) -> Result<SecretString> {
        let secret = match source {
            SecretSource::Given(secret) => secret.clone(),
            SecretSource::Env(name) => variable(name)?,
            SecretSource::File(path) => {
                waiting::shown(&source.to_string(), PrivateFile::new(path).reveal(held)).await?
            }
            SecretSource::Prompt(question) => self.0.prompt.ask(question, Echo::Hidden).await?,
            SecretSource::Command(words) => {
                let run = command::run(words, &self.0.variables);
                waiting::said(&source.to_string(), run).await?
            }
            SecretSource::Stdin => {
                let bytes = self.stdin_bytes().await?;
                if bytes.len() as u64 > LIMIT {
                    return Err(too_long());
                }
                alone(&bytes, "stdin")?
            }
            SecretSource::GitHub(_) => {
                return Err(
                    Error::config("GitHub has no secrets, it only says who a job is")
                        .with_advice("use `{ github = … }` for what is an assertion: `client-assertion`, `assertion`, `subject-token`"),
                );
            }
        };
        if secret.expose_secret().is_empty() {
            return Err(Error::config(format!("{source} is empty"))
                .with_advice("put the secret there, or name another place"));
        }
        Ok(secret)
    }

    /// All of stdin.
    ///
    /// # Errors
    /// `Config` if somebody else has read it, or if it is long or no text.
    pub(crate) async fn stdin(&self) -> Result<String> {
        let bytes = self.stdin_bytes().await?;
        if bytes.len() as u64 > LIMIT {
            return Err(too_long());
        }
        String::from_utf8(bytes)
            .map_err(|_| Error::config("stdin can't be read: it is not a text in UTF-8"))
    }

    /// Says that somebody reads stdin now.
    ///
    /// # Errors
    /// `Config` if somebody else has read it.
    pub(crate) fn take_stdin(&self) -> Result<()> {
        match self.0.stdin_is_spent.swap(true, Ordering::AcqRel) {
            false => Ok(()),
            true => Err(Error::config("stdin was read before")
                .with_advice("only one thing can come from stdin: name a file for the other")),
        }
    }

    /// The start of stdin: more than [`LIMIT`] bytes of it are too many for whoever asks.
    ///
    /// # Errors
    /// `Config` if somebody else has read it.
    pub(crate) async fn stdin_bytes(&self) -> Result<Vec<u8>> {
        self.take_stdin()?;
        let read = tokio::task::spawn_blocking(|| {
            let mut bytes = Vec::new();
            let stdin = std::io::stdin().lock();
            let is_terminal = std::io::IsTerminal::is_terminal(&stdin);
            if is_terminal && !prompt::may_ask() {
                return Err(std::io::Error::other(
                    "it is a terminal, and --no-interaction lets nobody be asked",
                ));
            }
            #[cfg(unix)]
            if is_terminal {
                prompt::remember_terminal();
                return prompt::hidden::pasted(stdin, LIMIT + 1);
            }
            stdin.take(LIMIT + 1).read_to_end(&mut bytes)?;
            Ok(bytes)
        });
        let bytes: std::io::Result<_> = read
            .await
            .map_err(|_| Error::config("stdin can't be read"))?;
        bytes.map_err(|error| Error::config(format!("stdin can't be read: {error}")))
    }
}

fn too_long() -> Error {
    Error::config(format!("stdin can't be read: longer than {LIMIT} bytes"))
}

fn variable(name: &str) -> Result<SecretString> {
    match crate::variables::text(name) {
        // Some shells and files of variables bring a byte order mark.
        Ok(value) if !value.trim().is_empty() => Ok(value.trim_start_matches('\u{feff}').into()),
        Ok(_) => Err(Error::config(format!("the variable {name} is empty")).with_advice("set it")),
        Err(std::env::VarError::NotPresent) => {
            let advice = match name.strip_prefix('$') {
                Some(bare) => format!("name it without the `$`: env = \"{bare}\""),
                None => "set it".to_owned(),
            };
            Err(Error::config(format!("the variable {name} is not set")).with_advice(advice))
        }
        Err(_) => Err(Error::config(format!("{name} is not a text in UTF-8"))),
    }
}
