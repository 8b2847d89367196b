//! Keys that fit a profile's kind and do nothing beside its other keys.

use auth_core::{Error, Result};

use super::Profile;
use crate::config::{Kind, Origin};

impl Profile {
    /// Whoever writes a key expects something of it.
    ///
    /// # Errors
    /// `Config`, for the first key that does nothing here.
    pub(super) fn ensure_nothing_idle(&self) -> Result<()> {
        let settings = &self.settings;
        for (keys, why) in self.idle() {
            let said = keys.iter().find(|key| {
                let origin = settings.get(key).map(|setting| &setting.origin);
                origin.is_some_and(|origin| !matches!(origin, Origin::BuiltIn))
            });
            if let Some(key) = said {
                return Err(Error::config(format!(
                    "{}: `{key}` means nothing in profile `{}`, {why}",
                    settings.origin(key),
                    self.name
                ))
                .with_advice("remove it, or add what it belongs to"));
            }
        }
        Ok(())
    }

    /// The keys that do nothing, and why.
    fn idle(&self) -> Vec<(&'static [&'static str], &'static str)> {
        let has = |name: &str| self.settings.get(name).is_some();
        let mut idle: Vec<(&[&str], _)> = Vec::new();
        let signs = self.kind == Kind::JwtBearer;
        if !has("key") && !signs {
            idle.push((&["key-id", "algorithm"], "which has no `key`"));
        }
        match self.settings.text("client-auth") {
            Some("none") => idle.push((&["client-secret"], "whose `client-auth` is none")),
            Some("private-key-jwt") => idle.push((
                &["client-secret"],
                "whose client proves itself by its `key`",
            )),
            _ => {}
        }
        match self.settings.text("client-auth") {
            Some("none") if !signs => idle.push((&["key"], "whose `client-auth` is none")),
            Some("basic" | "body") if !signs => {
                idle.push((
                    &["key"],
                    "whose client proves itself by its `client-secret`",
                ));
            }
            _ => {}
        }
        if has("client-assertion") && self.kind != Kind::Entra {
            let why = "whose client proves itself by its `client-assertion`";
            idle.push((&["client-secret", "client-auth", "assertion-audience"], why));
            if !signs {
                idle.push((&["key"], why));
            }
        }
        if has("assertion") {
            idle.push((OF_AN_ACCOUNT, "whose `assertion` says who asks"));
            if self.settings.text("client-auth") != Some("private-key-jwt") {
                idle.push((&["key"], "whose `assertion` is signed already"));
            }
        }
        if self.kind == Kind::TokenExchange && has("subject") {
            idle.push((&["subject-token"], "whose `subject` is a profile"));
        }
        if has("actor") {
            idle.push((&["actor-token"], "whose `actor` is a profile"));
        }
        if !has("actor") && !has("actor-token") {
            idle.push((&["actor-token-type"], "which has no `actor`"));
        }
        let has_credential = CREDENTIALS.iter().any(|name| has(name));
        match self.kind {
            Kind::Desp if self.logs_in_to_desp() && !has("exchange-url") => {
                idle.push((OF_AN_EXCHANGE, "which has no `exchange-url`"));
            }
            Kind::Keycloak if (has("client-secret") || has("key")) && !has("refresh-token") => {
                idle.push((&["token"], "whose client asks for itself"));
            }
            Kind::Entra if has_credential => {
                idle.push((OF_A_PERSON, "whose application asks for itself"));
            }
            Kind::Chain if !has("client-id") => {
                idle.push((OF_A_PERSON, "which has no `client-id` for a person's login"));
            }
            _ => {}
        }
        if !has("certificate") {
            idle.push((&["certificate-chain"], "which has no `certificate`"));
        }
        idle
    }
}

/// What an application of Entra ID proves itself by.
const CREDENTIALS: [&str; 3] = ["certificate", "client-assertion", "client-secret"];

const OF_AN_ACCOUNT: &[&str] = &["email", "subject", "audience"];

const OF_AN_EXCHANGE: &[&str] = &[
    "audience",
    "exchange-client-id",
    "exchange-issuer",
    "subject-issuer",
];

const OF_A_PERSON: &[&str] = &[
    "redirect-uri",
    "login",
    "login-hint",
    "domain-hint",
    "prompt",
    "user",
];
