//! What a profile has of OpenID Connect: the provider, and the check of the tokens that it issues.

use std::sync::Arc;

use auth_core::{CachedSource, Io, Provider, Result};
use auth_verify::{Algorithm, IdTokenCheck, Issuer, Keycloak, Keys, Verifier};

use crate::config::{Kind, Profile, shown};
use crate::profile::checks::{Checks, access_tokens};
use crate::profile::{desp, entra, hands_out_id, issuer, realm};

/// The OpenID Provider that `issuer` names.
///
/// # Errors
/// `Config` if the profile names none, or what it names is none.
pub(crate) fn provider(profile: &Profile, io: &Io) -> Result<Provider> {
    match profile.kind {
        Kind::Keycloak => return Ok(realm::of(profile, io)?.provider().clone()),
        Kind::Desp => return Ok(desp::platform(profile, io)?.provider().clone()),
        Kind::Entra => return Ok(entra::tenant(profile, io)?.provider().clone()),
        _ => {}
    }
    issuer::provider(profile, io)
}

/// `source`, with its tokens checked as they come: the ID token of a person's login, and the access token
/// where the profile names an audience to verify. The keys are asked for when they are first needed.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn checked(source: CachedSource, profile: &Profile, io: &Io) -> Result<CachedSource> {
    match profile.kind {
        Kind::Desp => return desp::checked_account(source, profile, io),
        Kind::Entra | Kind::Chain => return entra::checked(source, profile, io),
        _ => {}
    }
    let settings = &profile.settings;
    let logs_in = matches!(profile.kind, Kind::Keycloak | Kind::Oidc | Kind::Refresh);
    // Who hands out ID tokens has no access token to check.
    let audience = settings
        .text("verify-audience")
        .filter(|_| !hands_out_id(profile));
    let has_issuer = settings.get("issuer").is_some();
    if audience.is_none() && !(logs_in && has_issuer) {
        return Ok(source);
    }
    let provider = provider(profile, io)?;
    let algorithms = algorithms(profile)?;
    let keys = keys(&provider, &algorithms)?;
    let wrong = |error: auth_core::Error| error.context(settings.origin("issuer"));
    let verifier = |issuer: Issuer| Verifier::new(issuer).with_clock(io.clock().clone());
    let mut checks = Checks {
        all: Vec::new(),
        name: String::from("id_token"),
    };
    if logs_in {
        let client = profile.need_text("client-id")?;
        let only = Issuer::id_tokens(provider.issuer(), client, keys.clone()).map_err(wrong)?;
        let only = match algorithms.is_empty() {
            true => only,
            false => only.with_algorithms(algorithms)?,
        };
        checks.all.push(Box::new(IdTokenCheck::new(verifier(only))));
    }
    if let Some(audience) = audience {
        let only = match profile.kind {
            Kind::Keycloak => Keycloak::new(provider.issuer(), audience)
                .with_keys(keys)
                .issuer(io.clone()),
            _ => access_tokens(provider.issuer(), audience, keys, io),
        };
        checks.all.push(Box::new(verifier(only.map_err(wrong)?)));
        checks.name = format!("id_token, access_token for {audience}");
    }
    Ok(source.with_check(Arc::new(checks)))
}

/// What ID tokens may be signed with, where the profile says so.
fn algorithms(profile: &Profile) -> Result<Vec<Algorithm>> {
    let names = profile.settings.list("id-token-algorithms").iter();
    let read = |name: &String| {
        let parsed: Result<Algorithm> = shown(name).parse();
        parsed.map_err(|error| error.context(profile.settings.origin("id-token-algorithms")))
    };
    names.map(read).collect()
}

/// The keys of the issuer, of which those that name no algorithm are for `algorithms`, if there are some.
fn keys(provider: &Provider, algorithms: &[Algorithm]) -> Result<Keys> {
    let keys = Keys::discovered(provider.clone());
    let of_rsa = |one: &&Algorithm| one.name().starts_with(['R', 'P']);
    let mut rsa = algorithms.iter().filter(of_rsa);
    rsa.try_fold(keys, |keys, one| keys.with_rsa_algorithm(*one))
}
