//! The ways in which a token is written. Each has its own encoder, which refuses what it can't hold.

mod exec_credential;
mod github;

use std::time::SystemTime;

use auth_core::{AccessToken, Error, Result};
use http::{HeaderName, HeaderValue};
use serde::Serialize;

use crate::args::{Format, Shell};
use crate::kubectl::ApiVersion;
use crate::output::quoted::{curl, netrc};
use crate::output::{json, time};

pub(crate) use exec_credential::exec_credential;
pub(crate) use github::{StepFile, mask};

/// A token, and what a format needs to know besides.
#[derive(Debug)]
pub(crate) struct Written<'a> {
    pub(crate) profile: &'a str,
    pub(crate) token: &'a AccessToken,
    pub(crate) header: &'a HeaderName,
    pub(crate) value: HeaderValue,
    pub(crate) now: SystemTime,
    /// The name of the variable.
    pub(crate) name: &'a str,
    /// For netrc: whom the token is for, and the user that goes with it.
    pub(crate) host: &'a str,
    pub(crate) user: &'a str,
    /// For kubernetes: how it is answered.
    pub(crate) api_version: ApiVersion,
}

impl Written<'_> {
    /// The text for stdout, with its final line break.
    ///
    /// # Errors
    /// `Protocol` if the token can't stand in that format.
    pub(crate) fn text(&self, format: Format) -> Result<String> {
        let (token, name) = (self.token.expose_secret(), self.name);
        Ok(match format {
            Format::Raw => format!("{token}\n"),
            Format::Json => self.json(token)?,
            Format::Header => format!("{}\n", self.header()?),
            Format::Env => Shell::Sh.assignment(name, token)?,
            Format::Fish => Shell::Fish.assignment(name, token)?,
            Format::Powershell => Shell::Powershell.assignment(name, token)?,
            Format::Cmd => Shell::Cmd.assignment(name, token)?,
            Format::Netrc => {
                let (user, token) = (netrc(self.user)?, netrc(token)?);
                format!("machine {} login {user} password {token}\n", self.host)
            }
            Format::Curl => format!("header = {}\n", curl(&self.header()?)?),
            Format::Kubernetes => json::text(&exec_credential(self.api_version, self.token))?,
            Format::Github | Format::GithubOutput => mask(token),
        })
    }

    fn header(&self) -> Result<String> {
        let value = self.value.to_str();
        let value = value.map_err(|_| Error::protocol("the header is not visible ASCII"))?;
        Ok(format!("{}: {value}", header_name(self.header)))
    }

    fn json(&self, token: &str) -> Result<String> {
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
            access_token: token,
            token_type: "Bearer",
            expires_at: time::rfc3339(self.token.expires_at()),
            expires_in: time::seconds_left(self.now, self.token.expires_at()),
            scope: self.token.scope(),
        };
        json::text(&json)
    }
}

/// A header's name as people write it.
pub(crate) fn header_name(name: &HeaderName) -> &str {
    match name {
        &http::header::AUTHORIZATION => "Authorization",
        other => other.as_str(),
    }
}
