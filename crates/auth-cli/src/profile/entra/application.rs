//! An application that asks for itself, and what it proves itself by.

use auth_azure::{Application, Certificate, Credential, GitHubAssertion};
use auth_core::session::{Held, Secret};
use auth_core::{BoxFuture, Error, Grant, Io, Result};
use secrecy::SecretString;

use super::{scopes, tenant, variable};
use crate::config::{Origin, Profile};
use crate::profile::secret;
use crate::secret::{ProfileSecret, SecretSource, Secrets};

/// What an application may prove itself by, in the order in which what is built in gives way.
const CREDENTIALS: [&str; 3] = ["certificate", "client-assertion", "client-secret"];

/// The key of what the application proves itself by; `None` where a person logs in.
pub(in crate::profile) fn credential_field(profile: &Profile) -> Option<&'static str> {
    let is_there = |name: &&'static str| profile.settings.get(name).is_some();
    CREDENTIALS.into_iter().find(is_there)
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
            let certificate = Certificate::pem(Pem {
                is_pkcs12: is_pkcs12(profile.need_secret(field)?),
                secret: fetched()?,
            });
            Credential::certificate(match settings.is_on("certificate-chain") {
                Some(true) => certificate.with_chain(),
                _ => certificate,
            })
        }
        "client-assertion" => match profile.need_secret(field)? {
            SecretSource::GitHub => {
                let job = GitHubAssertion::from_environment(variable, io.clone())
                    .map_err(|error| error.context(settings.origin(field)))?;
                Credential::assertion(job)
            }
            _ => Credential::assertion(fetched()?.fetched_anew()),
        },
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

/// A certificate and its key, which somebody may have in another kind of file.
#[derive(Debug)]
struct Pem {
    secret: ProfileSecret,
    is_pkcs12: bool,
}

impl Secret for Pem {
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let revealed = self.secret.reveal(held).await;
            revealed.map_err(|error| match self.is_pkcs12 {
                true => error.with_advice(PKCS12),
                false => error,
            })
        })
    }

    fn asks(&self) -> bool {
        self.secret.asks()
    }

    fn refused(&self) {
        self.secret.refused();
    }
}

fn is_pkcs12(source: &SecretSource) -> bool {
    let SecretSource::File(path) = source else {
        return false;
    };
    let ending = path.extension().unwrap_or_default();
    ["pfx", "p12"]
        .iter()
        .any(|known| ending.eq_ignore_ascii_case(known))
}

const PKCS12: &str =
    "turn a PKCS#12 file into PEM: openssl pkcs12 -in cert.pfx -out cert.pem -nodes";
