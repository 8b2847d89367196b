//! [`Asker`]: questions with a usual answer, and lists to choose from.

use auth_core::prompt::Echo;
use auth_core::{Prompt, Result};
use secrecy::{ExposeSecret, SecretString};

use crate::output::message;
use crate::prompt::Terminal;

/// Asks whoever is at the terminal, until there is an answer.
#[derive(Debug)]
pub(super) struct Asker;

impl Asker {
    /// A text; the usual one, if nothing is typed.
    ///
    /// # Errors
    /// `Interaction` if nobody answers.
    pub(super) async fn text(&self, question: &str, usual: Option<&str>) -> Result<String> {
        let shown = match usual {
            Some(usual) => format!("{question} [{usual}]"),
            None => question.to_owned(),
        };
        loop {
            let typed = self.line(&shown).await?;
            match (typed.is_empty(), usual) {
                (false, _) => return Ok(typed),
                (true, Some(usual)) => return Ok(usual.to_owned()),
                (true, None) => message::warn("this is needed; Ctrl-C ends it all"),
            }
        }
    }

    /// A text, or nothing.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub(super) async fn optional(&self, question: &str) -> Result<Option<String>> {
        let typed = self.line(&format!("{question} [none]")).await?;
        Ok(Some(typed).filter(|typed| !typed.is_empty()))
    }

    /// Which one of these; the first, if nothing is typed.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub(super) async fn choice(&self, question: &str, choices: &[&str]) -> Result<usize> {
        for (at, choice) in choices.iter().enumerate() {
            message::note(&format!("{:>4}  {choice}", at + 1));
        }
        loop {
            let typed = self.text(question, Some("1")).await?;
            let number = typed.parse::<usize>().ok().and_then(|at| at.checked_sub(1));
            let named = || choices.iter().position(|choice| *choice == typed);
            match number.filter(|at| *at < choices.len()).or_else(named) {
                Some(at) => return Ok(at),
                None => message::warn(&format!("type a number from 1 to {}", choices.len())),
            }
        }
    }

    /// What nobody may see.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub(super) async fn secret(&self, question: &str) -> Result<SecretString> {
        loop {
            let typed = Terminal.ask(question, Echo::Hidden).await?;
            match typed.expose_secret().trim() {
                "" => message::warn("this is needed; Ctrl-C ends it all"),
                _ => return Ok(typed),
            }
        }
    }

    async fn line(&self, question: &str) -> Result<String> {
        let typed = Terminal.ask(question, Echo::Shown).await?;
        Ok(typed.expose_secret().trim().to_owned())
    }
}
