//! [`Typed`]: a secret that a person types whenever it is needed.

use std::sync::Arc;

use secrecy::SecretString;

use super::{Echo, Prompt};
use crate::error::Result;
use crate::future::BoxFuture;
use crate::session::{Held, Secret};

/// What a person types whenever it is needed: a password, a one-time code, a user name. Nothing is remembered.
#[derive(Clone, Debug)]
pub struct Typed {
    prompt: Arc<dyn Prompt>,
    question: String,
    echo: Echo,
}

impl Typed {
    /// What is answered to `question`, plain text without a final colon.
    pub fn new(prompt: Arc<dyn Prompt>, question: impl Into<String>, echo: Echo) -> Self {
        let question = question.into();
        Self {
            prompt,
            question,
            echo,
        }
    }
}

impl Secret for Typed {
    fn reveal<'a>(&'a self, _: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        self.prompt.ask(&self.question, self.echo)
    }

    fn asks(&self) -> bool {
        true
    }
}
