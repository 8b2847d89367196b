//! What Azure gives to a program that runs there.

use std::path::Path;

use auth_azure::{Identity, ManagedIdentity};
use auth_core::{Error, Grant, Result};

use crate::config::Profile;
use crate::network;
use crate::profile::entra;
use crate::variables::secret as variable;

/// The keys that name an identity.
const NAMES: [&str; 3] = ["client-id", "object-id", "resource-id"];

/// The grant of the identity that the profile names, at the service of this machine.
///
/// # Errors
/// `Config` if the profile or the variables of Azure don't add up.
pub(super) fn grant(profile: &Profile) -> Result<impl Grant + use<>> {
    of(identity(profile)?, profile)
}

/// The grant of `identity`, for what the profile asks for.
///
/// # Errors
/// As [`grant`].
pub(super) fn of(identity: Identity, profile: &Profile) -> Result<impl Grant + use<>> {
    let scopes = entra::scopes(profile)?.join(" ");
    let here = ManagedIdentity::from_environment(variable, Path::exists, network::link_local())?;
    let grant = here.with_identity(identity).grant(&scopes);
    grant.map_err(|error| error.context(profile.settings.origin("scope")))
}

fn identity(profile: &Profile) -> Result<Identity> {
    let settings = &profile.settings;
    let named = NAMES
        .iter()
        .filter_map(|name| Some((*name, settings.text(name)?)));
    match named.collect::<Vec<_>>()[..] {
        [] => Ok(Identity::System),
        [("client-id", id)] => Ok(Identity::ClientId(id.to_owned())),
        [("object-id", id)] => Ok(Identity::ObjectId(id.to_owned())),
        [(_, id)] => Ok(Identity::ResourceId(id.to_owned())),
        [(one, _), (other, _), ..] => Err(Error::config(format!(
            "{}: profile `{}` names its identity by both `{one}` and `{other}`",
            settings.origin(other),
            profile.name
        ))
        .with_advice("keep one of them, or none for the identity of the machine itself")),
    }
}
