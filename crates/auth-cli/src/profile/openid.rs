//! What a profile has of OpenID Connect: the provider, and the check of its ID tokens.

use std::sync::Arc;

use auth_core::{CachedSource, Io, Provider, Result};
use auth_verify::{IdTokenCheck, Issuer, Keys, Verifier};

use crate::config::{Kind, Profile};
use crate::profile::realm;

/// The OpenID Provider that `issuer` names.
///
/// # Errors
/// `Config` if the profile names none, or what it names is none.
pub(crate) fn provider(profile: &Profile, io: &Io) -> Result<Provider> {
    if profile.kind == Kind::Keycloak {
        return Ok(realm::of(profile, io)?.provider().clone());
    }
    Provider::new(profile.need_text("issuer")?, io.clone())
        .map_err(|error| error.context(profile.settings.origin("issuer")))
}

/// `source`, with each ID token checked that the profile's logins are answered with: signature, issuer,
/// client and times. The keys are asked for when the first one comes.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn checked(source: CachedSource, profile: &Profile, io: &Io) -> Result<CachedSource> {
    let settings = &profile.settings;
    let has = |name: &str| settings.get(name).is_some();
    let logs_in = matches!(profile.kind, Kind::Keycloak | Kind::Oidc | Kind::Refresh);
    if !logs_in || !has("issuer") || has("token-url") {
        return Ok(source);
    }
    let provider = provider(profile, io)?;
    let issuer = provider.issuer().to_owned();
    let keys = Keys::discovered(provider);
    let only = Issuer::id_tokens(&issuer, profile.need_text("client-id")?, keys)
        .map_err(|error| error.context(settings.origin("issuer")))?;
    let verifier = Verifier::new(only).with_clock(io.clock().clone());
    Ok(source.with_check(Arc::new(IdTokenCheck::new(verifier))))
}
