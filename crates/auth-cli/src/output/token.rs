//! The ways in which a token is written. Each has its own encoder, which refuses what it can't hold.

use std::time::SystemTime;

use auth_core::{AccessToken, Error, Result};
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use crate::args::Format;
use crate::output::{json, time};

/// A token, and what a format needs to know besides.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    pub(crate) profile: &'a str,
    pub(crate) token: &'a AccessToken,
    pub(crate) header: &'a HeaderName,
    pub(crate) value: HeaderValue,
    pub(crate) now: SystemTime,
}

impl Written<'_> {
    /// The text for stdout, with its final line break.
    ///
    /// # Errors
    /// `Protocol` if the token can't stand in that format.
    pub(crate) fn text(&self, format: Format) -> Result<String> {
        match format {
            Format::Raw => Ok(format!("{}\n", self.token.expose_secret())),
            Format::Header => self.header(),
            Format::Env => Ok(format!(
                "export AUTH_TOKEN={}\n",
                shell(self.token.expose_secret())?
            )),
            Format::Json => self.json(),
        }
    }

    fn header(&self) -> Result<String> {
        let value = self.value.to_str();
        let value = value.map_err(|_| Error::protocol("the header is not visible ASCII"))?;
        let name = match self.header {
            &http::header::AUTHORIZATION => "Authorization",
            other => other.as_str(),
        };
        Ok(format!("{name}: {value}\n"))
    }

    fn json(&self) -> Result<String> {
        /// What scripts read: fields are added, never renamed or removed.
        #[derive(Serialize)]
        struct Json<'a> {
            profile: &'a str,
            access_token: &'a str,
            token_type: &'static str,
            expires_at: String,
            expires_in: u64,
            scope: Option<&'a str>,
        }
        let json = Json {
            profile: self.profile,
            access_token: self.token.expose_secret(),
            token_type: "Bearer",
            expires_at: time::rfc3339(self.token.expires_at()),
            expires_in: time::seconds_left(self.now, self.token.expires_at()),
            scope: self.token.scope(),
        };
        json::text(&json)
    }
}

/// A word that every POSIX shell reads back as `text`.
///
/// # Errors
/// `Protocol` for a line break or a NUL, which could end the command that it stands in.
pub(crate) fn shell(text: &str) -> Result<String> {
    if text.contains(['\r', '\n', '\0']) {
        return Err(Error::protocol(
            "a value with a line break or a NUL can't be handed to a shell",
        ));
    }
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}

#[cfg(test)]
mod tests {
    use super::shell;

    #[test]
    fn a_shell_reads_back_exactly_what_was_quoted() {
        assert_eq!(shell("a$(b)`c`\"").unwrap(), "'a$(b)`c`\"'");
        assert_eq!(shell("it's").unwrap(), r"'it'\''s'");
        for bad in ["a\nb", "a\rb", "a\0b"] {
            assert!(shell(bad).is_err(), "{bad:?}");
        }
    }
}
