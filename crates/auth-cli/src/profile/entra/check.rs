//! Which tokens of a tenant are handed out.

use std::sync::Arc;

use auth_azure::PUBLIC_CLOUD;
use auth_core::session::TokenCheck;
use auth_core::{CachedSource, Io, Result};
use auth_verify::preset::open_pectus;
use auth_verify::{IdTokenCheck, Issuer, Keys, Verifier};

use super::{is_application, tenant};
use crate::config::{Preset, Profile};
use crate::profile::openid::Checks;

/// `source`, with its tokens checked as they come, unless the profile says otherwise: the ID token of a person's login,
/// an application's token for Open Pectus as its server would, and every access token where the profile names an
/// audience to verify.
///
/// Where the tenant is a domain or a group of tenants, nobody knows beforehand who signs; that the ID token is meant for
/// this login is made sure of all the same.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(in crate::profile) fn checked(
    source: CachedSource,
    profile: &Profile,
    io: &Io,
) -> Result<CachedSource> {
    let settings = &profile.settings;
    if settings.is_on("verify") == Some(false) {
        return Ok(source);
    }
    let tenant = tenant(profile, io)?;
    let keys = Keys::discovered(tenant.provider().clone());
    let verifier = |issuer: Issuer| Verifier::new(issuer).with_clock(io.clock().clone());
    let (mut all, mut names): (Vec<Box<dyn TokenCheck>>, _) = (Vec::new(), Vec::new());
    if !is_application(profile)
        && let Some(issuer) = tenant.token_issuer()
    {
        let only = Issuer::id_tokens(issuer, profile.need_text("client-id")?, keys.clone())?;
        all.push(Box::new(IdTokenCheck::new(verifier(only))));
        names.push("id_token".to_owned());
    }
    if let Some(audience) = settings.text("verify-audience") {
        let issuer = tenant
            .token_issuer()
            .ok_or_else(|| profile.missing("issuer"))?;
        all.push(Box::new(verifier(Issuer::new(issuer, audience, keys)?)));
        names.push(format!("access_token for {audience}"));
    } else if is_application(profile) && profile.preset == Some(Preset::Pectus) {
        all.push(Box::new(pectus_verifier(profile, io)?));
        names.push("access_token".to_owned());
    }
    if all.is_empty() {
        return Ok(source);
    }
    let name = names.join(", ");
    Ok(source.with_check(Arc::new(Checks { all, name })))
}

/// What the server of Open Pectus lets in: its tenant's tokens of both versions.
///
/// # Errors
/// `Config` if the profile names the tenant or the application by anything else than an id.
pub(crate) fn pectus_verifier(profile: &Profile, io: &Io) -> Result<Verifier> {
    let tenant = tenant(profile, io)?;
    let client = profile.need_text("client-id")?;
    let issuer = tenant.token_issuer().unwrap_or_default();
    let place = issuer.trim_end_matches("/v2.0");
    let id = place.rsplit('/').next().unwrap_or_default();
    if issuer.is_empty() || issuer.starts_with(PUBLIC_CLOUD) {
        let verifier = open_pectus::Settings::new(id, client).verifier(io.clone())?;
        return Ok(verifier.with_clock(io.clock().clone()));
    }
    // Elsewhere the keys do not belong to issuers of Microsoft's.
    let keys = Keys::discovered(tenant.provider().clone());
    let first = format!("https://sts.windows.net/{id}/");
    let first = Issuer::new(&first, client, keys.clone())?;
    let both = Verifier::new(first).or(Issuer::new(issuer, client, keys)?);
    Ok(both?.with_clock(io.clock().clone()))
}
