//! A session that starts from a refresh token which somebody else got.

use auth_core::clock::Clock;
use auth_core::grant::{FileRefreshToken, GivenRefreshToken};
use auth_core::session::{FileSecret, Held};
use auth_core::{Error, Grant, Io, RefreshToken, Result};
use secrecy::ExposeSecret;

use crate::config::{Kind, Origin, Profile};
use crate::profile::{endpoint, secret, subject, token_file};
use crate::secret::Secrets;

/// The grant that redeems the profile's `refresh-token` and what takes its place. A token that is at hand
/// is fetched, since the session goes by its fingerprint; else the session goes by the token's place.
pub(super) async fn grant(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<Box<dyn Grant>> {
    let endpoint = endpoint(profile, io, secrets)?;
    // At a realm a session keeps its scopes for life.
    if profile.kind == Kind::Keycloak && matches!(profile.settings.origin("scope"), Origin::Flag(_))
    {
        return Err(Error::config(format!(
            "--scope changes nothing for profile `{}`: a token of a realm keeps the scopes of its login",
            profile.name
        ))
        .with_advice("leave it out, or make a token with those scopes: `auth offline-token … --scope …`"));
    }
    let scopes = match profile.kind {
        Kind::Keycloak => &[],
        _ => profile.settings.list("scope"),
    };
    if let Some(file) = token_file(profile) {
        return Ok(Box::new(
            FileRefreshToken::new(endpoint, file).with_scopes(scopes),
        ));
    }
    let grant = match profile.need_secret("refresh-token")?.place() {
        Some(place) => {
            let label = format!("{}: {place}", profile.name);
            GivenRefreshToken::fetched(endpoint, secret(profile, secrets, "refresh-token")?, label)
        }
        None => {
            let token = token(profile, &**io.clock(), secrets).await?;
            GivenRefreshToken::new(endpoint, &token)
        }
    };
    Ok(Box::new(grant.with_scopes(scopes)))
}

/// The token itself, fetched now, without what editors and `echo` put around it.
///
/// # Errors
/// `Config` where it is not, or `Interaction` where a person would be needed.
pub(crate) async fn token(
    profile: &Profile,
    clock: &dyn Clock,
    secrets: &Secrets,
) -> Result<RefreshToken> {
    let secret = secret(profile, secrets, "refresh-token")?;
    let text = Held::new().reveal(&secret, clock).await?;
    let alone = FileSecret::in_bytes(text.expose_secret().as_bytes());
    let token = alone.and_then(|text| RefreshToken::parse(text.expose_secret()));
    token.ok_or_else(|| {
        let what = subject(profile, "refresh-token");
        Error::config(format!(
            "{what} has characters that no refresh token has (RFC 6749 A.17)"
        ))
        .with_advice("give the token alone, exactly as it was issued")
    })
}
