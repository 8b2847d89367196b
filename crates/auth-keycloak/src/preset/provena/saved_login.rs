//! [`SavedLogin`]: what the vendor's clients keep in `.tokens.json`, read so that their users can move.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use auth_core::{Error, RefreshToken, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::Stage;

/// A login that one of the vendor's clients keeps in `.tokens.json`. `Debug` shows no secret.
///
/// The file names neither server nor client, so both are taken from the refresh token, which nobody
/// has checked: good for choosing a profile, and the server has the last word.
#[derive(Clone, Debug)]
pub struct SavedLogin {
    stage: Option<Stage>,
    refresh: RefreshToken,
    claims: Claims,
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
                .map(|(stage, token)| Ok(Self::new(Some(stage.parse()?), &token)))
                .collect(),
            File {
                refresh_token: Some(token),
                ..
            } => Ok(vec![Self::new(None, &token)]),
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

    /// The issuer that the token names.
    pub fn issuer(&self) -> Option<&str> {
        self.claims.iss.as_deref()
    }

    /// The client that the token names. No other can redeem it.
    pub fn client(&self) -> Option<&str> {
        self.claims.azp.as_deref()
    }

    /// Whether it is an offline token, which outlives the person's session.
    pub fn is_offline(&self) -> bool {
        self.claims.typ.as_deref() == Some("Offline")
    }

    /// When the token ends, if it says so. An offline token mostly does not.
    pub fn expires_at(&self) -> Option<SystemTime> {
        let since_epoch = Duration::from_secs(self.claims.exp?);
        SystemTime::UNIX_EPOCH.checked_add(since_epoch)
    }

    fn new(stage: Option<Stage>, token: &SecretString) -> Self {
        let token = token.expose_secret();
        Self {
            stage,
            refresh: RefreshToken::new(token.to_owned()),
            claims: Claims::of(token).unwrap_or_default(),
        }
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

/// What a refresh token of Keycloak says about itself.
#[derive(Clone, Debug, Default, Deserialize)]
struct Claims {
    iss: Option<String>,
    azp: Option<String>,
    typ: Option<String>,
    exp: Option<u64>,
}

impl Claims {
    fn of(token: &str) -> Option<Self> {
        let payload = token.split('.').nth(1)?;
        let payload = URL_SAFE_NO_PAD.decode(payload).ok()?;
        serde_json::from_slice(&payload).ok()
    }
}
