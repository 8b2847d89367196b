//! A realm of a Keycloak server: a service's own tokens, or the session of an offline token.

use auth_core::{Grant, Io, Result};
use auth_keycloak::Realm;

use crate::config::Profile;
use crate::profile::{Fetched, client, person, token_file};

/// Whether the profile's session starts from a token that somebody else got.
pub(super) fn is_offline(profile: &Profile) -> bool {
    profile.settings.get("refresh-token").is_some()
}

/// The realm that `issuer` names.
pub(super) fn of(profile: &Profile, io: &Io) -> Result<Realm> {
    let settings = &profile.settings;
    let realm = Realm::from_issuer(profile.need_text("issuer")?, io.clone())
        .map_err(|error| error.context(settings.origin("issuer")))?;
    Ok(realm.with_scopes(settings.list("scope")))
}

pub(super) fn grant(profile: &Profile, io: &Io, fetched: &Fetched) -> Result<Box<dyn Grant>> {
    let realm = of(profile, io)?;
    let client = client::authentication(profile, io, fetched)?;
    if person::is_asked(profile) {
        return person::kept(profile, io, fetched);
    }
    if !is_offline(profile) {
        return Ok(Box::new(realm.service_grant(client)));
    }
    Ok(match token_file(profile) {
        Some(file) => Box::new(realm.offline_file_grant(client, file)),
        None => Box::new(realm.offline_grant(client, fetched.refresh_token())),
    })
}
