//! The provider that a profile names by its issuer alone.

use auth_core::{Io, Provider, Result};

use crate::config::Profile;

/// The OpenID Provider that `issuer` names, which is asked once in a run.
///
/// # Errors
/// `Config` if the profile names none, or what it names is none.
pub(super) fn provider(profile: &Profile, io: &Io) -> Result<Provider> {
    if let Some(provider) = profile.provider.get() {
        return Ok(provider.clone());
    }
    let origin = profile.settings.origin("issuer");
    let provider = Provider::new(profile.need_text("issuer")?, io.clone())
        .map_err(|error| error.context(&origin))?;
    let provider = provider.with_place(origin.to_string());
    Ok(profile.provider.get_or_init(|| provider).clone())
}
