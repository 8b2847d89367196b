//! A realm of a Keycloak server.

use auth_core::{ClientAuth, ClientCredentials, Grant, Io, Result, TokenEndpoint};
use auth_keycloak::Realm;

use crate::config::Profile;
use crate::profile::client;
use crate::secret::Secrets;

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

/// Its token endpoint, as `client` uses it.
pub(super) fn endpoint(profile: &Profile, io: &Io, client: ClientAuth) -> Result<TokenEndpoint> {
    let place = profile.settings.origin("issuer").to_string();
    Ok(of(profile, io)?.endpoint(client).with_place(place))
}

/// The grant of a service: its client's own tokens.
pub(super) fn service(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<Box<dyn Grant>> {
    let client = client::authentication(profile, io, secrets)?;
    let grant = ClientCredentials::new(endpoint(profile, io, client)?);
    Ok(Box::new(grant.with_scopes(profile.settings.list("scope"))))
}
