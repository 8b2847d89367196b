//! A service account: tokens that are nobody's, by the secret of a client.

use std::sync::Arc;

use auth_core::{CachedSource, Grant, Io, Result};

use super::check::{checks, is_checked};
use super::platform;
use crate::config::Profile;
use crate::profile::client;
use crate::secret::Secrets;

/// The grant of a service account's own tokens.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn account(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<Box<dyn Grant>> {
    let client = client::authentication(profile, io, secrets)?;
    let grant = platform(profile, io)?.service_account_grant(client);
    Ok(Box::new(match profile.settings.list("scope") {
        [] => grant,
        scopes => grant.with_scopes(scopes),
    }))
}

/// `source`, of a service account, with its tokens checked in the same way.
///
/// # Errors
/// `Config` if the profile does not add up.
pub(crate) fn checked_account(
    source: CachedSource,
    profile: &Profile,
    io: &Io,
) -> Result<CachedSource> {
    if !is_checked(profile) {
        return Ok(source);
    }
    let platform = platform(profile, io)?;
    let audience = profile.settings.text("verify-audience");
    let client = profile.need_text("client-id")?;
    let checks = checks(platform.issuer(), client, audience, io)?;
    Ok(source.with_check(Arc::new(checks)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Kind, Origin, Settings, Value};
    use crate::secret::SecretSource;

    #[test]
    fn without_another_server_a_persons_secret_goes_to_the_platform_and_a_jobs_to_the_data_lake() {
        let issuer = |settings: Settings| {
            let profile = Profile::plain("lake", Kind::Desp, settings);
            let platform = platform(&profile, &Io::new()).unwrap();
            platform.issuer().to_owned()
        };
        let person = Settings::default();
        assert_eq!(issuer(person), "https://auth.destine.eu/realms/desp");
        let mut job = Settings::default();
        let secret = Value::Secret(SecretSource::Stdin);
        job.set("client-secret", secret, Origin::BuiltIn);
        assert_eq!(
            issuer(job),
            "https://identity.data.destination-earth.eu/auth/realms/dedl"
        );
    }
}
