//! What can be known of a profile's server and client by requests that give nobody a token.

use std::sync::Arc;

use auth_core::prompt::NoPrompt;
use auth_core::provider::Metadata;
use auth_core::session::Held;
use auth_core::{Error, ErrorKind, Grant, Io, Provider, Result};

use crate::config::{Kind, Profile};
use crate::profile::way::Way;
use crate::profile::{person, provider};
use crate::secret::Secrets;

/// What the profile's issuer says about itself; `None` where no issuer is asked.
///
/// # Errors
/// Why it can't be known.
pub(crate) async fn metadata(profile: &Profile, io: &Io) -> Result<Option<Arc<Metadata>>> {
    let has_issuer = match profile.kind {
        Kind::Keycloak | Kind::Oidc | Kind::Entra | Kind::Desp => true,
        Kind::Chain | Kind::ManagedIdentity => false,
        _ => profile.settings.get("issuer").is_some(),
    };
    if !has_issuer {
        return Ok(None);
    }
    let known = provider(profile, io)?;
    let provider = match profile.kind {
        // Whose endpoints are known without asking.
        Kind::Keycloak | Kind::Desp => {
            let field = if profile.kind == Kind::Desp {
                "iam-url"
            } else {
                "issuer"
            };
            let place = profile.settings.origin(field).to_string();
            Provider::new(known.issuer(), io.clone())?.with_place(place)
        }
        _ => known,
    };
    provider.metadata().await.map(Some)
}

/// Whether the server knows the client of a person's login, by a device code that nobody enters. `None` where that can't be
/// known without a login: where there are no such codes, or not for this client.
///
/// # Errors
/// Why the server refuses the client, or can't be reached.
pub(crate) async fn client(
    profile: &Profile,
    io: &Io,
    secrets: &Secrets,
    metadata: &Metadata,
) -> Result<Option<()>> {
    let has_codes = metadata.device_authorization_endpoint.is_some();
    if !has_codes || !matches!(profile.kind, Kind::Keycloak | Kind::Oidc | Kind::Entra) {
        return Ok(None);
    }
    let place = person::place(profile, io, secrets)?;
    let grant = person::asking(profile, place, Arc::new(NoPrompt::new()), Way::DeviceCode)?;
    match grant.exchange(&Held::new()).await {
        // Nobody is there to enter the code that came.
        Err(error) if error.kind() == ErrorKind::Interaction && error.status().is_none() => {
            Ok(Some(()))
        }
        Err(error) if is_about_codes(&error) => Ok(None),
        Err(error) => Err(error),
        Ok(_) => Ok(Some(())),
    }
}

/// Whether the client is known and has other ways to log in (RFC 6749 §5.2).
fn is_about_codes(error: &Error) -> bool {
    ["unauthorized_client", "unsupported_grant_type"]
        .iter()
        .any(|code| error.code() == Some(code))
}
