//! Tokens and texts that somebody gives: on stdin or in a file.

use std::io::IsTerminal;
use std::path::Path;

use auth_core::{Error, Result};
use auth_verify::RejectionKind;
use secrecy::{ExposeSecret, SecretString};

use super::Context;
use crate::args::TokenFile;
use crate::secret;

impl Context {
    /// A token from a file or from stdin, without the white space around it.
    ///
    /// # Errors
    /// `Config` if there is none, or if it can't be read.
    pub(crate) async fn token_from(&self, place: &TokenFile) -> Result<SecretString> {
        let text = self.text_from(place.file.as_deref(), "the token").await?;
        match text.expose_secret().trim() {
            "" => Err(Error::config("there is no token on stdin or in the file")
                .with_advice("see whether the command before the pipe failed")),
            token => Ok(token.into()),
        }
    }

    /// What is to be checked as a token, whatever it is: from a file or from stdin, without the end of its
    /// line. Other white space is part of it, and no token has any.
    ///
    /// # Errors
    /// `Config` if it can't be read, or if nobody would send it.
    pub(crate) async fn unjudged_token(
        &self,
        place: &TokenFile,
    ) -> Result<std::result::Result<SecretString, RejectionKind>> {
        let bytes = match place.file.as_deref() {
            Some(path) if path != Path::new("-") => secret::bytes(path).await?,
            _ if std::io::stdin().is_terminal() => {
                return Err(
                    Error::config("the token is read from stdin, which is a terminal")
                        .with_advice("pipe it in, or name a file with it"),
                );
            }
            _ => self.secrets.stdin_bytes().await?,
        };
        let text = String::from_utf8(bytes).map_err(|_| RejectionKind::BadEncoding);
        Ok(text.and_then(|text| {
            match text
                .trim_start_matches('\u{feff}')
                .trim_end_matches(['\r', '\n'])
            {
                "" => Err(RejectionKind::NoCredentials),
                token => Ok(token.into()),
            }
        }))
    }

    /// The text that messages call `subject`, from a file or, for `-` or none, from stdin.
    ///
    /// # Errors
    /// `Config` if it can't be read, or if nobody would send it.
    pub(crate) async fn text_from(
        &self,
        file: Option<&Path>,
        subject: &str,
    ) -> Result<SecretString> {
        match file {
            Some(path) if path != Path::new("-") => secret::file(path).await,
            _ if std::io::stdin().is_terminal() => Err(Error::config(format!(
                "{subject} is read from stdin, which is a terminal"
            ))
            .with_advice("pipe it in, or name a file with it")),
            _ => Ok(self.secrets.stdin().await?.into()),
        }
    }
}
