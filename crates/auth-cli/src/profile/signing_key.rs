//! The key that a profile signs with.

use auth_core::Result;
use auth_core::assertion::{Algorithm, SigningKey};

use crate::config::Profile;
use crate::profile::{secret as of_profile, subject};
use crate::secret::Secrets;

/// The key of the profile: PEM, a JSON Web Key, or a shared secret if `algorithm` says so.
pub(super) fn signing_key(profile: &Profile, secrets: &Secrets) -> Result<SigningKey> {
    let key = SigningKey::new(of_profile(profile, secrets, "key")?);
    let key = key.with_name(subject(profile, "key"));
    let key = match profile.settings.text("algorithm") {
        Some(algorithm) => key.with_algorithm(algorithm.parse::<Algorithm>()?),
        None => key,
    };
    Ok(match profile.settings.text("key-id") {
        Some(id) => key.with_id(id),
        None => key,
    })
}
