//! An application that asks for itself, and what it proves itself by.

use auth_azure::{Application, Certificate, Credential};
use auth_core::{Error, Grant, Io, Result};

use super::{scopes, tenant};
use crate::config::{Origin, Profile};
use crate::profile::{assertion, secret};
use crate::secret::Secrets;

/// What an application may prove itself by, in the order in which what is built in gives way.
const CREDENTIALS: [&str; 3] = ["certificate", "client-assertion", "client-secret"];

/// The key of a PKCS#12 file's password.
const PASSWORD: &str = "certificate-password";

/// The key of what the application proves itself by; `None` where a person logs in.
pub(super) fn credential_field(profile: &Profile) -> Option<&'static str> {
    let is_there = |name: &&'static str| profile.settings.get(name).is_some();
    CREDENTIALS.into_iter().find(is_there)
}

/// The keys of the secrets that the application needs.
pub(in crate::profile) fn secret_fields(profile: &Profile) -> Vec<&'static str> {
    let has_password = profile.settings.get(PASSWORD).is_some();
    let password = has_password.then_some(PASSWORD);
    credential_field(profile)
        .into_iter()
        .chain(password)
        .collect()
}

/// The application's own tokens for one API.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(in crate::profile) fn grant(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
) -> Result<Box<dyn Grant>> {
    let application = application(profile, io, secrets)?;
    let grant = application.grant(&scopes(profile)?.join(" "));
    let grant = grant.map_err(|error| error.context(profile.settings.origin("scope")))?;
    Ok(Box::new(grant))
}

pub(super) fn application(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<Application> {
    let settings = &profile.settings;
    ensure_one(profile)?;
    let field = credential_field(profile).unwrap_or("client-secret");
    let fetched = || secret(profile, secrets, field);
    let credential = match field {
        "certificate" => {
            let certificate = Certificate::pem(fetched()?.with_bytes_in_base64());
            let certificate = match settings.get(PASSWORD) {
                Some(_) => certificate.with_password(secret(profile, secrets, PASSWORD)?),
                None => certificate,
            };
            Credential::certificate(match settings.is_on("certificate-chain") {
                Some(true) => certificate.with_chain(),
                _ => certificate,
            })
        }
        "client-assertion" => {
            Credential::assertion(assertion::assertion(profile, io, secrets, field)?)
        }
        _ => Credential::secret(fetched()?),
    };
    let application = tenant(profile, io)?;
    let application = application.application(profile.need_text("client-id")?, &credential);
    Ok(match settings.is_on("continuous-access-evaluation") {
        Some(true) => application.with_continuous_access_evaluation(),
        _ => application,
    })
}

/// Two credentials, neither of them built in, are one too many.
fn ensure_one(profile: &Profile) -> Result<()> {
    let settings = &profile.settings;
    let said = CREDENTIALS.into_iter().filter(|name| {
        settings.get(name).is_some() && !matches!(settings.origin(name), Origin::BuiltIn)
    });
    match said.collect::<Vec<_>>()[..] {
        [one, other, ..] => Err(Error::config(format!(
            "{}: profile `{}` has both `{one}` and `{other}`",
            settings.origin(other),
            profile.name
        ))
        .with_advice("keep the one that the application is to prove itself by")),
        _ => Ok(()),
    }
}
