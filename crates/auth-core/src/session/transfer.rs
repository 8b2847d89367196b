//! [`transfer`]: all entries of a new login, moved to where they stay, or none.

use std::time::SystemTime;

use secrecy::SecretSlice;

use super::Login;
use crate::error::Result;
use crate::io::clock::Clock;
use crate::store::{Entry, Generation, SessionKey, StoreLock, TokenStore};
use crate::token::RefreshToken;

/// Puts the entries of `sessions` in one store in the place of those in the other: all of them, or none. `sessions` are in the
/// order in which they are locked, each awaited as [`StoreLock::wait`] does, so that the last one is the login that the others
/// follow from. What is there already is replaced, or goes, where the new login has nothing of the kind; the
/// files that mirror it stay its mirrors, and are written at the next renewal or by
/// [`CachedSource::write_mirrors`](crate::CachedSource::write_mirrors).
///
/// Whoever dies in the middle leaves one login, the old or the new one, and nothing that follows from the other: that it
/// is made anew from the login costs a request.
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
        let new = from.load(session).await?;
        if new.is_none() && !to.holds(session).await? {
            continue;
        }
        let lock = StoreLock::wait(to, session, clock, told).await?;
        moves.push(Move::ready(to, lock, new).await?);
    }
    if moves.iter().all(|one| one.new.is_none()) {
        return Ok(Vec::new());
    }
    if let Err(error) = all(&mut moves, to).await {
        for one in &mut moves {
            if let Err(error) = one.undo(to).await {
                tracing::warn!(%error, session = %one.lock.session(), "a half-kept login can't be undone");
            }
        }
        return Err(error);
    }
    let mut replaced = Vec::new();
    for one in moves {
        replaced.extend(one.replaced()?);
        one.lock.release().await;
    }
    Ok(replaced)
}

/// What follows from the old login goes before it, and what follows from the new one comes after it.
async fn all(moves: &mut [Move], to: &dyn TokenStore) -> Result<()> {
    if let Some((_, derived)) = moves.split_last_mut() {
        for one in derived {
            one.clear(to).await?;
        }
    }
    for one in moves.iter_mut().rev() {
        one.put(to).await?;
    }
    Ok(())
}

/// One entry on its way.
struct Move {
    lock: StoreLock,
    /// `None`: the new login has nothing of the kind.
    new: Option<SecretSlice<u8>>,
    old: Option<Entry>,
    /// What is there now.
    there: Option<Generation>,
}

impl Move {
    async fn ready(to: &dyn TokenStore, lock: StoreLock, new: Option<Entry>) -> Result<Self> {
        let old = to.load(lock.session()).await?;
        let new = match (new, &old) {
            (Some(new), Some(old)) => Some(in_place_of(lock.session(), &new, old)?),
            (new, _) => new.map(|new| new.bytes),
        };
        Ok(Self {
            there: old.as_ref().map(|old| old.generation),
            lock,
            new,
            old,
        })
    }

    async fn clear(&mut self, to: &dyn TokenStore) -> Result<()> {
        to.remove(&self.lock).await?;
        self.there = None;
        Ok(())
    }

    async fn put(&mut self, to: &dyn TokenStore) -> Result<()> {
        if let Some(new) = &self.new {
            self.there = Some(to.save(&self.lock, self.there, new).await?);
        }
        Ok(())
    }

    async fn undo(&mut self, to: &dyn TokenStore) -> Result<()> {
        match &self.old {
            Some(old) if self.there == Some(old.generation) => {}
            Some(old) => self.there = Some(to.save(&self.lock, self.there, &old.bytes).await?),
            None if self.there.is_some() => self.clear(to).await?,
            None => {}
        }
        Ok(())
    }

    fn replaced(&self) -> Result<Option<Replaced>> {
        match (&self.new, &self.old) {
            (Some(new), Some(old)) => Replaced::by(self.lock.session(), new, old),
            _ => Ok(None),
        }
    }
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
