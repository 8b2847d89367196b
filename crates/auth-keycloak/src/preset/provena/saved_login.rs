//! [`SavedLogin`]: what the vendor's clients keep in `.tokens.json`, read so that their users can move.

use std::collections::BTreeMap;

use auth_core::{Error, RefreshToken, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Stage;
use crate::RefreshTokenClaims;

/// A login that one of the vendor's clients keeps in `.tokens.json`. `Debug` shows no secret.
///
/// The file names neither server nor client, so both are taken from the refresh token, which nobody
/// has checked: good for choosing a profile, and the server has the last word.
#[derive(Clone, Debug)]
pub struct SavedLogin {
    stage: Option<Stage>,
    refresh: RefreshToken,
    claims: RefreshTokenClaims,
}

impl SavedLogin {
    /// Reads the text of a `.tokens.json`: of `mdsisclienttools`, with a login for each stage, or of
    /// `provenaclient`, with one login. Stages without a refresh token are left out.
    ///
    /// # Errors
    /// `Config` if it is neither.
    pub fn from_json(text: &SecretString) -> Result<Vec<Self>> {
        let file = serde_json::from_str::<File>(text.expose_secret()).map_err(|error| {
            Error::config(format!(
                "this is no .tokens.json of Provena (line {}, column {})",
                error.line(),
                error.column()
            ))
            .with_advice("name the file that provenaclient or mdsisclienttools wrote")
        })?;
        match file {
            File {
                stages: Some(stages),
                ..
            } => stages
                .into_iter()
                .filter_map(|(stage, tokens)| Some((stage, tokens?.refresh_token?)))
                .map(|(stage, token)| Self::new(Some(stage.parse()?), &token))
                .collect(),
            File {
                refresh_token: Some(token),
                ..
            } => Ok(vec![Self::new(None, &token)?]),
            File {
                access_token: Some(_),
                ..
            } => Ok(Vec::new()),
            _ => Err(Error::config("this .tokens.json holds no tokens")
                .with_advice("name the file that provenaclient or mdsisclienttools wrote")),
        }
    }

    /// For which stage; `provenaclient` does not say.
    pub fn stage(&self) -> Option<Stage> {
        self.stage
    }

    /// The refresh token.
    pub fn refresh(&self) -> &RefreshToken {
        &self.refresh
    }

    /// What the refresh token says about itself: its server, its client, its end.
    pub fn claims(&self) -> &RefreshTokenClaims {
        &self.claims
    }

    fn new(stage: Option<Stage>, token: &SecretString) -> Result<Self> {
        let text = token.expose_secret();
        if !text.is_empty() && RefreshToken::parse(text).is_none() {
            let what = "the refresh token in it has characters that no token has (RFC 6749 A.17)";
            return Err(
                Error::config(what).with_advice("log in again with the client that wrote the file")
            );
        }
        let refresh = RefreshToken::new(text.to_owned());
        Ok(Self {
            stage,
            claims: RefreshTokenClaims::of(&refresh),
            refresh,
        })
    }
}

#[derive(Deserialize)]
struct File {
    stages: Option<BTreeMap<String, Option<Tokens>>>,
    access_token: Option<SecretString>,
    refresh_token: Option<SecretString>,
}

#[derive(Deserialize)]
struct Tokens {
    refresh_token: Option<SecretString>,
}
