//! The session's lock: awaited, unless somebody else's renewal makes it needless.

use std::sync::Arc;
use std::time::Duration;

use super::Renewal;
use crate::error::{Error, ErrorKind, Result};
use crate::session::TokenSet;
use crate::store::{Attempt, StoreLock};
use crate::token::AccessToken;

/// How long a lock is awaited whose holder asks nobody.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// The pauses between two looks at a busy lock grow from the first to the second.
const LOOKS: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(100));

impl Renewal {
    /// Locks the session. `None` if somebody else's token makes that needless.
    pub(super) async fn lock(
        &self,
        known: Option<&AccessToken>,
    ) -> Result<Option<Option<Arc<StoreLock>>>> {
        let renewed = |set: &TokenSet| {
            known.is_none_or(|known| !known.is_same(set.access())) && self.is_enough(set)
        };
        let lock = match self.wait_for_lock(&renewed).await {
            Ok(Waited::Locked(lock)) => Some(Arc::new(lock)),
            Ok(Waited::Renewed) => return Ok(None),
            Err(error) if error.kind() == ErrorKind::Store => {
                self.report(&error);
                if self.parts.cell.unsaved().is_none() {
                    let _ = self.unkept.set(error);
                }
                None
            }
            Err(error) => return Err(error),
        };
        self.load().await;
        let enough = self.stored().is_some_and(|set| renewed(&set));
        Ok(if enough { None } else { Some(lock) })
    }

    async fn wait_for_lock(&self, renewed: &(dyn Fn(&TokenSet) -> bool + Sync)) -> Result<Waited> {
        let (clock, session) = (&self.parts.clock, self.parts.key.session());
        let mut end = clock.now().monotonic + LOCK_WAIT;
        let (mut look, longest) = LOOKS;
        let mut told = false;
        loop {
            let asking_until = match self.parts.store.lock(session).await? {
                Attempt::Locked(lock) => return Ok(Waited::Locked(lock)),
                Attempt::Busy { asking_until } => asking_until,
            };
            let now = clock.now();
            if let Some(until) = asking_until {
                let left = until.duration_since(now.wall).unwrap_or_default();
                end = end.max(now.monotonic + left + LOCK_WAIT);
                if !std::mem::replace(&mut told, true)
                    && let Some(observer) = &self.parts.observer
                {
                    observer.waiting(&self.parts.key, until);
                }
            }
            if now.monotonic >= end {
                return Err(Error::unavailable(
                    "another process holds this login's lock and does not let go",
                )
                .with_advice("try again, or end that process"));
            }
            clock.sleep(look).await;
            look = (look * 3 / 2).min(longest);
            self.load().await;
            if self.stored().is_some_and(|set| renewed(&set)) {
                return Ok(Waited::Renewed);
            }
        }
    }
}

enum Waited {
    Locked(StoreLock),
    Renewed,
}
