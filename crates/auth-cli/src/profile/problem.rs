//! What would fail before anything is sent.

use auth_core::session::Held;
use auth_core::{Io, Result};

use crate::config::Kind;
use crate::config::Profile;
use crate::profile::{Kept, chain, open, secret, secrets_of, signing_key};
use crate::secret::{SecretSource, Secrets};

/// Looks for what keeps the profile from being used, as far as that can be told without the network, a
/// person or a program.
///
/// # Errors
/// The first thing that would fail.
pub(crate) async fn find(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<()> {
    if profile.kind == Kind::Chain {
        return chain::ensure_sound(&chain::of(profile, io, secrets, &Kept::nowhere())?);
    }
    let is_at_hand =
        |source: &SecretSource| !source.may_ask() && !matches!(source, SecretSource::GitHub);
    let source = |field| profile.settings.secret(field);
    if !matches!(source("refresh-token"), Some(SecretSource::Stdin)) {
        open(profile, io, secrets, &Kept::nowhere()).await?;
    }
    let (held, clock) = (Held::new(), &**io.clock());
    for field in secrets_of(profile) {
        if !source(field).is_some_and(is_at_hand) {
            continue;
        }
        if field == "key" {
            let key = signing_key::signing_key(profile, secrets)?;
            key.revealed(&held, clock).await?;
        } else {
            let secret = secret(profile, secrets, field)?;
            held.reveal(&secret, clock).await?;
        }
    }
    Ok(())
}
