//! [`Prompt`]: asking a person.

use std::fmt;

use secrecy::SecretString;

use crate::{BoxFuture, Error, Result};

/// Asks a person for something that only they know. Where nobody can be asked, it refuses at once
/// and never hangs.
pub trait Prompt: fmt::Debug + Send + Sync {
    /// Asks for a secret, such as a password or a one-time code, without showing what is typed.
    /// `question` is plain text without a final colon.
    ///
    /// # Errors
    /// `Interaction` where nobody can be asked, or where the person cancelled.
    fn ask_secret<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Result<SecretString>>;
}

/// Refuses: the default of everything that runs unattended.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct NoPrompt;

impl NoPrompt {
    /// A prompt that refuses.
    pub fn new() -> Self {
        Self
    }
}

impl Prompt for NoPrompt {
    fn ask_secret<'a>(&'a self, question: &'a str) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            Err(Error::interaction(format!(
                "nobody is here to answer: {question}"
            )))
        })
    }
}
