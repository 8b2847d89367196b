//! Service accounts (RFC 7523): from a preset's own variables, or from the profile's keys.

use std::sync::Arc;

use auth_core::assertion::Assertion;
use auth_core::{Grant, Io, Result, TokenExchange};
use auth_jwt_bearer::JwtBearer;
use auth_jwt_bearer::preset::disruptive_technologies::Credentials;

use crate::config::{Origin, Preset, Profile};
use crate::profile::signing_key::signing_key;
use crate::profile::{assertion, client, neither};
use crate::secret::{self, Secrets};
use crate::variables;

/// The grant of a preset whose credentials are in the variables that its vendor's programs read.
/// `None` if the profile has no preset, or says itself which account it is.
pub(super) async fn of_preset(profile: &Profile, io: &Io) -> Result<Option<Box<dyn Grant>>> {
    let Some(credentials) = credentials_in_environment(profile).await? else {
        return Ok(None);
    };
    let settings = &profile.settings;
    let account = credentials.service_account(io.clone())?;
    let account = match settings.text("audience") {
        Some(audience) => account.with_audience(audience),
        None => account,
    };
    let account = match settings.text("subject") {
        Some(subject) => account.with_subject(subject),
        None => account,
    };
    Ok(Some(Box::new(
        account.with_scopes(settings.list("scope")).grant(),
    )))
}

/// The credentials in the variables that the vendor's programs read, at the addresses that the file or
/// our own variables name. `None` if the profile has no preset, or says itself which account it is.
///
/// # Errors
/// `Absent` if none is set, `Config` if the variables don't add up.
pub(crate) async fn credentials_in_environment(profile: &Profile) -> Result<Option<Credentials>> {
    let own = ["key", "key-id", "email", "assertion"];
    if own.iter().any(|name| profile.settings.get(name).is_some()) {
        return Ok(None);
    }
    match profile.preset {
        None
        | Some(
            Preset::DataLake
            | Preset::Desp(_)
            | Preset::Destiny(_)
            | Preset::DestinyAzure(_)
            | Preset::Pectus
            | Preset::Provena
            | Preset::ProvenaPerson,
        ) => Ok(None),
        Some(Preset::Disruptive) => {
            let credentials =
                Credentials::from_environment(variables::secret, secret::file).await?;
            let said = |name| match profile.settings.origin(name) {
                Origin::BuiltIn => None,
                _ => profile.settings.url(name).cloned(),
            };
            let credentials = match said("token-url") {
                Some(url) => credentials.with_token_url(url),
                None => credentials,
            };
            Ok(Some(match said("api") {
                Some(url) => credentials.with_api_url(url),
                None => credentials,
            }))
        }
    }
}

/// The grant that the profile's keys describe.
pub(super) fn grant(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<Box<dyn Grant>> {
    let settings = &profile.settings;
    let endpoint = client::endpoint(profile, io, secrets)?;
    if settings.get("assertion").is_some() {
        let given = assertion::source_of_assertions(profile, io, secrets, "assertion")?;
        let grant = TokenExchange::new(endpoint, Arc::new(given))?.with_assertion();
        return Ok(Box::new(grant.with_scopes(settings.list("scope"))));
    }
    let token_url = settings.url("token-url").map(url::Url::as_str);
    let audience = settings
        .text("audience")
        .or(token_url)
        .or_else(|| settings.text("issuer"))
        .ok_or_else(|| neither(profile, "token-url", "issuer"))?;
    let assertion = Assertion::new(profile.need_text("email")?, signing_key(profile, secrets)?);
    let assertion = assertion.with_audience(audience);
    let assertion = match settings.text("subject") {
        Some(subject) => assertion.with_subject(subject),
        None => assertion,
    };
    Ok(Box::new(
        JwtBearer::new(endpoint, assertion).with_scopes(settings.list("scope")),
    ))
}
