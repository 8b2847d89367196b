//! [`transfer`]: all entries of a new login, moved to where they stay, or none.

use std::time::SystemTime;

use secrecy::SecretSlice;

use super::Login;
use crate::error::Result;
use crate::io::clock::Clock;
use crate::store::{Entry, SessionKey, StoreLock, TokenStore};
use crate::token::RefreshToken;

/// Copies the entries of `sessions` from one store to the other: all of them, or none. The locks are taken
/// in the order of `sessions`, each awaited as [`StoreLock::wait`] does. What is there already is replaced;
/// the files that mirror it stay its mirrors, and are written at the next renewal or by
/// [`CachedSource::write_mirrors`](crate::CachedSource::write_mirrors).
///
/// Gives back what was replaced and may be ended at the server now without harm to what took its place:
/// [`TokenEndpoint::end_replaced`](crate::TokenEndpoint::end_replaced).
///
/// # Errors
/// `Store`; `Unavailable` if somebody else does not let go of one of the sessions. Then `to` is as it was,
/// as far as it can still be written.
pub async fn transfer(
    from: &dyn TokenStore,
    to: &dyn TokenStore,
    sessions: &[SessionKey],
    clock: &dyn Clock,
    told: &(dyn Fn(Option<SystemTime>) + Sync),
) -> Result<Vec<Replaced>> {
    let mut moves = Vec::new();
    for session in sessions {
        if let Some(new) = from.load(session).await? {
            let lock = StoreLock::wait(to, session, clock, told).await?;
            let old = to.load(session).await?;
            let bytes = match &old {
                Some(old) => in_place_of(session, &new, old)?,
                None => new.bytes,
            };
            moves.push((lock, bytes, old));
        }
    }
    let mut done: Vec<(&StoreLock, _, &Option<Entry>)> = Vec::new();
    for (lock, new, old) in &moves {
        let before = old.as_ref().map(|old| old.generation);
        match to.save(lock, before, new).await {
            Ok(generation) => done.push((lock, generation, old)),
            Err(error) => {
                for (lock, generation, old) in done {
                    let undone = match old {
                        Some(old) => to
                            .save(lock, Some(generation), &old.bytes)
                            .await
                            .map(|_| ()),
                        None => to.remove(lock).await,
                    };
                    if let Err(error) = undone {
                        tracing::warn!(%error, session = %lock.session(), "a half-kept login can't be undone");
                    }
                }
                return Err(error);
            }
        }
    }
    let mut replaced = Vec::new();
    for (lock, new, old) in moves {
        if let Some(old) = old {
            replaced.extend(Replaced::by(lock.session(), &new, &old)?);
        }
        lock.release().await;
    }
    Ok(replaced)
}

/// A login that another one took the place of, and that lives on at the server in a session of its own.
#[derive(Debug)]
pub struct Replaced {
    session: SessionKey,
    refresh: RefreshToken,
}

impl Replaced {
    /// `None` where there is nothing to end, or where ending it could end the new one.
    fn by(session: &SessionKey, new: &SecretSlice<u8>, old: &Entry) -> Result<Option<Self>> {
        let both = Login::decode(new, session)?.zip(Login::decode(&old.bytes, session)?);
        let apart = both.filter(|(new, old)| new.is_apart_from(old));
        Ok(apart.and_then(|(_, old)| {
            Some(Self {
                session: session.clone(),
                refresh: old.refresh?,
            })
        }))
    }

    /// Under which name the new one is kept.
    pub fn session(&self) -> &SessionKey {
        &self.session
    }

    pub(crate) fn refresh(&self) -> &RefreshToken {
        &self.refresh
    }
}

/// The new login, with what outlives a login of the one before.
fn in_place_of(session: &SessionKey, new: &Entry, old: &Entry) -> Result<SecretSlice<u8>> {
    let (new, old) = (
        Login::decode(&new.bytes, session)?,
        Login::decode(&old.bytes, session)?,
    );
    let (new, old) = (new.unwrap_or_default(), old.unwrap_or_default());
    new.with_mirrors_of(&old).encode(session)
}
