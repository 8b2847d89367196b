//! Entra ID: somebody who logs in at a tenant, or an application of it that asks for itself.

mod application;
mod check;
mod keys;

use std::sync::Arc;

use auth_azure::preset::pectus;
use auth_azure::{PUBLIC_CLOUD, Person, Tenant};
use auth_core::grant::Identifying;
use auth_core::prompt::NoPrompt;
use auth_core::store::{StoreKey, TokenStore};
use auth_core::{Error, Grant, Io, Prompt, Result, TokenEndpoint};

use crate::config::{Kind, Preset, Profile};
use crate::profile::unattended::Unattended;
use crate::profile::way::{Way, redirect_or};
use crate::secret::Secrets;

use application::credential_field;
pub(super) use application::{grant as application, secret_fields};
pub(super) use check::checked;
#[cfg(feature = "demo")]
pub(crate) use check::pectus_verifier;

/// Whether the profile's application asks for itself.
pub(super) fn is_application(profile: &Profile) -> bool {
    profile.kind == Kind::Entra && credential_field(profile).is_some()
}

/// The tenant that the profile names: by its id, its domain or its login URL, or by the issuer of something that
/// behaves like one.
///
/// # Errors
/// `Config` if it names none.
pub(super) fn tenant(profile: &Profile, io: &Io) -> Result<Tenant> {
    let settings = &profile.settings;
    let at = |name: &'static str| move |error: Error| error.context(settings.origin(name));
    if let Some(issuer) = settings.text("issuer") {
        return Tenant::discovered(issuer, io.clone()).map_err(at("issuer"));
    }
    let tenant = profile.need_text("tenant")?;
    let Some(cloud) = settings.text("authority") else {
        return match tenant.contains("://") {
            true => Tenant::from_login_url(tenant, io.clone()),
            false => Tenant::in_cloud(PUBLIC_CLOUD, tenant, io.clone()),
        }
        .map_err(at("tenant"));
    };
    // Whose fault an error is, the place alone or the tenant in it.
    Tenant::in_cloud(cloud, "common", io.clone()).map_err(at("authority"))?;
    let id = match Tenant::from_login_url(tenant, io.clone()) {
        Ok(_) => tenant.trim_end_matches('/').rsplit('/').next(),
        Err(_) => None,
    };
    Tenant::in_cloud(cloud, id.unwrap_or(tenant), io.clone()).map_err(at("tenant"))
}

/// Who the tokens of the profile's tenant say that issued them.
///
/// # Errors
/// `Config` if it names none.
pub(crate) fn token_issuer(profile: &Profile, io: &Io) -> Result<String> {
    Ok(tenant(profile, io)?.token_issuer().to_owned())
}

/// The API that the profile's tokens are for, where its scopes name one by its URI.
pub(crate) fn api_of(profile: &Profile) -> Option<String> {
    let scopes = scopes(profile).ok()?;
    scopes.iter().find_map(|scope| {
        let (api, permission) = scope.rsplit_once('/')?;
        (!api.is_empty() && !permission.is_empty()).then(|| api.to_owned())
    })
}

/// What the profile's tokens are for, as scopes.
///
/// # Errors
/// `Config` if it does not say so.
pub(super) fn scopes(profile: &Profile) -> Result<Vec<String>> {
    let settings = &profile.settings;
    match (settings.list("scope"), settings.text("resource")) {
        ([], Some(resource)) => Ok(vec![format!("{resource}/.default")]),
        ([], None) if profile.preset == Some(Preset::Pectus) => {
            Ok(vec![pectus::scope(profile.need_text("client-id")?)])
        }
        ([], None) => Err(profile.missing("scope")),
        (scopes, _) => Ok(scopes.to_vec()),
    }
}

/// The endpoint that the profile's tokens come from.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn endpoint(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<TokenEndpoint> {
    match is_application(profile) {
        true => Ok(application::application(profile, io, secrets)?.endpoint()),
        false => person_endpoint(profile, io),
    }
}

/// The endpoint of a person's login.
///
/// # Errors
/// As [`endpoint`].
pub(super) fn person_endpoint(profile: &Profile, io: &Io) -> Result<TokenEndpoint> {
    Ok(person(profile, io, Arc::new(NoPrompt::new()))?.endpoint())
}

/// The grant that renews what a login left behind, and asks nobody.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn kept(
    profile: &Profile,
    io: &Io,
    store: &Arc<dyn TokenStore>,
) -> Result<Box<dyn Grant>> {
    let person = person(profile, io, Arc::new(NoPrompt::new()))?;
    let grant = grant(profile, &person)?;
    Ok(Box::new(Unattended::new(grant, profile, store)))
}

/// What a person's login is kept under.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn key(profile: &Profile, io: &Io) -> Result<StoreKey> {
    let person = person(profile, io, Arc::new(NoPrompt::new()))?;
    Ok(grant(profile, &person)?.key())
}

/// The grant that asks a person.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(super) fn asking(
    profile: &Profile,
    io: &Io,
    prompt: Arc<dyn Prompt>,
    way: Way,
) -> Result<Box<dyn Grant>> {
    let person = person(profile, io, prompt)?;
    let person = match way {
        Way::DeviceCode => person,
        Way::Browser { port, deadline } => {
            let redirect = redirect_or(profile, REDIRECT)?;
            person.with_deadline(deadline).with_browser(match port {
                Some(port) => redirect.with_port(port),
                None => redirect,
            })
        }
    };
    grant(profile, &person)
}

/// A person's tokens: for an API, or who they are.
fn grant(profile: &Profile, person: &Person) -> Result<Box<dyn Grant>> {
    Ok(match profile.settings.text("token") {
        Some("id") => {
            let none: [String; 0] = [];
            Box::new(Identifying::new(person.grant(none)))
        }
        _ => Box::new(person.grant(scopes(profile)?)),
    })
}

fn person(profile: &Profile, io: &Io, prompt: Arc<dyn Prompt>) -> Result<Person> {
    let settings = &profile.settings;
    let person = tenant(profile, io)?.person(profile.need_text("client-id")?, prompt);
    let person = match settings.text("account") {
        Some(label) => person.with_account(label),
        None => person,
    };
    let person = match settings.text("user") {
        Some(user) => person.with_user(user),
        None => person,
    };
    let hints = [
        ("login-hint", "login_hint"),
        ("domain-hint", "domain_hint"),
        ("prompt", "prompt"),
    ];
    let hints = hints
        .iter()
        .filter_map(|(key, name)| Some((*name, settings.text(key)?)));
    let person = hints.fold(person, |person, (name, value)| {
        person.with_parameter(name, value)
    });
    Ok(match settings.is_on("continuous-access-evaluation") {
        Some(true) => person.with_continuous_access_evaluation(),
        _ => person,
    })
}

/// What applications for mobile and desktop devices are registered with, for any port.
const REDIRECT: &str = "http://localhost";
