//! What another issuer says of whoever runs this: a cluster, a workflow, a program.

use std::sync::Arc;

use auth_azure::Credential;
use auth_core::assertion::{GitHubAssertion, GivenAssertion};
use auth_core::session::Secret;
use auth_core::store::SessionKey;
use auth_core::token::Fingerprint;
use auth_core::{GivenSource, Io, Result};
use secrecy::ExposeSecret;

use crate::config::{Kind, Profile};
use crate::profile::{neither, secret, subject};
use crate::secret::{JOB, SecretSource, Secrets};
use crate::variables::secret as variable;

/// The keys whose secrets are such assertions.
pub(super) const FIELDS: [&str; 2] = ["client-assertion", "assertion"];

/// The assertion in `field`, had anew for each request, and looked at before it is sent.
///
/// # Errors
/// `Config` if the profile does not say where it is; `Absent` outside of the workflow that it is to come from.
pub(super) fn assertion(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    field: &'static str,
) -> Result<GivenAssertion> {
    let assertion = GivenAssertion::new(anew(profile, io, secrets, field)?, io);
    Ok(assertion.with_name(subject(profile, field)))
}

/// The same as the subject of a grant.
///
/// # Errors
/// As [`assertion`].
pub(super) fn source_of_assertions(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    field: &'static str,
) -> Result<GivenSource> {
    source(assertion(profile, io, secrets, field)?, profile, io, field)
}

/// Tokens of any form in `field`, which somebody else keeps fresh.
///
/// # Errors
/// As [`assertion`].
pub(super) fn source_of_tokens(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    field: &'static str,
) -> Result<GivenSource> {
    source(anew(profile, io, secrets, field)?, profile, io, field)
}

fn source(
    tokens: impl Secret + 'static,
    profile: &Profile,
    io: &Io,
    field: &'static str,
) -> Result<GivenSource> {
    let place = profile.need_secret(field)?;
    let named = match place {
        SecretSource::Prompt(question) => question.clone(),
        place => place.to_string(),
    };
    let session = SessionKey::new("", "", "default").with("given token", named);
    let session = match place {
        // Each job is somebody else.
        SecretSource::GitHub(_) => match variable(JOB) {
            Some(job) => session.with("job", Fingerprint::of(job.expose_secret()).name()),
            None => session,
        },
        _ => session,
    };
    let source = GivenSource::new(tokens, session, io).with_name(subject(profile, field));
    Ok(match place {
        SecretSource::Env(_) | SecretSource::File(_) | SecretSource::Given(_) => {
            source.with_origin()
        }
        _ => source,
    })
}

fn anew(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    field: &'static str,
) -> Result<Arc<dyn Secret>> {
    let SecretSource::GitHub(said) = profile.need_secret(field)? else {
        return Ok(Arc::new(secret(profile, secrets, field)?.fetched_anew()));
    };
    let audience = match said {
        Some(audience) => audience,
        None => usual_audience(profile)?,
    };
    let job = GitHubAssertion::from_environment(variable, audience, io.clone());
    Ok(Arc::new(job.map_err(|error| {
        error.context(profile.settings.origin(field))
    })?))
}

/// What the server of the profile is called by those who show it an assertion (RFC 7523 §3).
fn usual_audience(profile: &Profile) -> Result<&str> {
    let settings = &profile.settings;
    if profile.kind == Kind::Entra {
        return Ok(Credential::AUDIENCE);
    }
    let token_url = settings.url("token-url").map(url::Url::as_str);
    settings
        .text("issuer")
        .or(token_url)
        .ok_or_else(|| neither(profile, "token-url", "issuer"))
}
