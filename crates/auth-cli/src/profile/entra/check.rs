//! Which tokens of a tenant are handed out.

use std::sync::Arc;

use auth_azure::{CHINA_CLOUD, PUBLIC_CLOUD, US_GOVERNMENT_CLOUD};
use auth_core::session::TokenCheck;
use auth_core::{CachedSource, Error, Io, Result};
use auth_verify::preset::open_pectus;
use auth_verify::{Cloud, IdTokenCheck, Issuer, Keys, Verifier};
use url::Url;

use super::keys::OtherKeys;
use super::{is_application, tenant};
use crate::config::{Preset, Profile};
use crate::profile::checks::{Checks, access_tokens};

/// `source`, with its tokens checked as they come, unless the profile says otherwise: the ID token of a person's login,
/// an application's token for Open Pectus as its server would, and every access token where the profile names an
/// audience to verify.
///
/// Where the tenant is a domain or a group of tenants, it is the one that the token names; its key must be that tenant's.
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
    let issuer = tenant.token_issuer();
    if !is_application(profile) {
        let only = Issuer::id_tokens(issuer, profile.need_text("client-id")?, keys.clone())?;
        all.push(Box::new(IdTokenCheck::new(verifier(only))));
        names.push("id_token".to_owned());
    }
    if let Some(audience) = settings.text("verify-audience") {
        let only = access_tokens(issuer, audience, keys, io)
            .map_err(|error| error.context(settings.origin("verify-audience")))?;
        all.push(Box::new(verifier(only)));
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
    let issuer = tenant.token_issuer();
    let place = issuer.trim_end_matches("/v2.0");
    let id = place.rsplit('/').next().unwrap_or_default();
    let settings = open_pectus::Settings::new(id, profile.need_text("client-id")?);
    let wrong = |error: Error| error.context(profile.settings.origin("tenant"));
    let entra = settings.entra().map_err(wrong)?;
    let is_in = |cloud| issuer.starts_with(cloud);
    let entra = match () {
        () if is_in(PUBLIC_CLOUD) => entra,
        () if is_in(US_GOVERNMENT_CLOUD) => entra.with_cloud(Cloud::UsGovernment),
        () if is_in(CHINA_CLOUD) => entra.with_cloud(Cloud::China),
        () => {
            let url = Url::parse(&format!("{place}/discovery/v2.0/keys"))
                .map_err(|_| Error::config("the tenant can't stand in a URL"))?;
            let keys = OtherKeys {
                url,
                io: io.clone(),
            };
            entra.with_keys(Keys::from_source(keys, io.clone()))
        }
    };
    let verifier = settings.verifier_of(entra, io.clone())?;
    Ok(verifier.with_clock(io.clock().clone()))
}
