//! What would fail before anything is sent.

use auth_core::session::Held;
use auth_core::{Io, Result};

use crate::config::Kind;
use crate::config::Profile;
use crate::profile::{
    Kept, assertion, chain, client, exchange, open, secret, secrets_of, signing_key,
};
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
        |source: &SecretSource| !source.may_ask() && !matches!(source, SecretSource::GitHub(_));
    let source = |field| profile.settings.secret(field);
    if profile.kind == Kind::TokenExchange {
        ensure_parties(profile, io, secrets).await?;
    } else if !matches!(source("refresh-token"), Some(SecretSource::Stdin)) {
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
        } else if assertion::FIELDS.contains(&field) {
            let assertion = assertion::assertion(profile, io, secrets, field)?;
            held.reveal(&assertion, clock).await?;
        } else {
            let secret = secret(profile, secrets, field)?;
            held.reveal(&secret, clock).await?;
        }
    }
    Ok(())
}

/// Looks at those whose tokens are traded.
async fn ensure_parties(profile: &Profile, io: &Io, secrets: &Secrets) -> Result<()> {
    client::endpoint(profile, io, secrets)?;
    if profile.subject.is_none() {
        exchange::given(profile, io, secrets, &exchange::SUBJECT)?;
    }
    for party in profile.parties() {
        let found = Box::pin(find(party, io, secrets)).await;
        found.map_err(|error| error.context(format!("profile `{}`", party.name)))?;
    }
    Ok(())
}
