//! [`RefreshTokenClaims`]: what a refresh token of Keycloak says about itself.

use std::time::{Duration, SystemTime};

use auth_core::RefreshToken;
use auth_core::clock::bound;
use serde::Deserialize;

use crate::claims;

/// What a refresh token says about itself. Only the realm can check it, so this is good for advice and for
/// choosing a profile, and the server has the last word. A token that is no JWT says nothing.
#[derive(Clone, Debug, Default, Deserialize)]
pub struct RefreshTokenClaims {
    iss: Option<String>,
    azp: Option<String>,
    typ: Option<String>,
    sid: Option<String>,
    exp: Option<u64>,
}

impl RefreshTokenClaims {
    /// Reads them from `token`, unchecked: they tell a person whose it is, and prove nothing. One that is no JWT has none.
    pub fn of(token: &RefreshToken) -> Self {
        claims::unchecked(token.expose_secret()).unwrap_or_default()
    }

    /// The issuer.
    pub fn issuer(&self) -> Option<&str> {
        self.iss.as_deref()
    }

    /// The client. No other can redeem the token.
    pub fn client(&self) -> Option<&str> {
        self.azp.as_deref()
    }

    /// Whether it is an offline token, which outlives the person's session; `None` if it does not say.
    pub fn is_offline(&self) -> Option<bool> {
        self.typ.as_deref().map(|kind| kind == "Offline")
    }

    /// The session of the server that it is in, and with which it ends.
    pub fn session(&self) -> Option<&str> {
        self.sid.as_deref()
    }

    /// When it ends, if it says so. An offline token mostly does not.
    pub fn expires_at(&self) -> Option<SystemTime> {
        let since_epoch = Duration::from_secs(self.exp?);
        SystemTime::UNIX_EPOCH
            .checked_add(since_epoch)
            .map(bound::time)
    }
}
