//! The session's lock: awaited, unless somebody else's renewal makes it needless.

use std::sync::Arc;
use std::time::SystemTime;

use super::{Known, Renewal};
use crate::error::{Error, ErrorKind, Result};
use crate::future::BoxFuture;
use crate::session::TokenSet;
use crate::store::{Looked, StoreLock, Waited, Waiter, wait};
use crate::token::AccessToken;

/// What came of waiting for the lock.
pub(super) enum Lock {
    /// Somebody else's token is enough.
    Needless(TokenSet),
    /// Somebody else is about to renew, and what is at hand serves until then.
    Anothers(AccessToken),
    Ours(Ours),
}

/// The right to go on.
pub(super) struct Ours {
    pub(super) held: Option<Arc<StoreLock>>,
    /// Why there is no lock: what comes next can't be kept.
    pub(super) unkept: Option<Error>,
    /// What is wrong with the store, to be said if something comes that it should keep.
    pub(super) trouble: Option<Error>,
}

impl Renewal {
    /// Locks the session, and looks into it once more.
    pub(super) async fn lock(&self, known: &Known) -> Result<Lock> {
        let (store, session) = (&*self.parts.store, self.parts.key.session());
        let waiter = Renewing {
            renewal: self,
            known,
        };
        let ours = match wait(store, session, &*self.parts.clock, &waiter).await {
            Ok(Waited::Locked(lock)) => Ours {
                held: Some(Arc::new(lock)),
                unkept: None,
                trouble: None,
            },
            Ok(Waited::Enough) => {
                let gone = || Error::unavailable("the stored token went away");
                let renewed = self.renewed(known).map(Lock::Needless);
                let served = renewed.or_else(|| self.at_hand().map(Lock::Anothers));
                return served.ok_or_else(gone);
            }
            Err(error) if error.kind() == ErrorKind::Store => Ours {
                held: None,
                unkept: Some(error.clone()),
                trouble: Some(error),
            },
            Err(error) => return Err(error),
        };
        // Somebody else may have replaced what could not be read again.
        let unread = self.parts.load().await;
        let ours = Ours {
            unkept: ours.unkept.or_else(|| unread.clone()),
            trouble: ours.trouble.or(unread),
            ..ours
        };
        match (self.left_unchecked(), self.renewed(known)) {
            (Some(error), _) => Err(error),
            (None, Some(set)) => Ok(Lock::Needless(set)),
            (None, None) => Ok(Lock::Ours(ours)),
        }
    }

    /// What somebody else has got meanwhile: an answer counts once its mark is there.
    fn renewed(&self, known: &Known) -> Option<TokenSet> {
        let set = self.stored()?;
        (self.is_news(set.access(), known) && self.is_settled(&set)).then_some(set)
    }
}

/// A renewal that waits for its lock, or for somebody else's answer.
struct Renewing<'a> {
    renewal: &'a Renewal,
    known: &'a Known,
}

impl Waiter for Renewing<'_> {
    fn look(&self, _: Option<SystemTime>) -> BoxFuture<'_, Result<Looked>> {
        Box::pin(async {
            self.renewal.parts.load().await;
            if let Some(error) = self.renewal.left_unchecked() {
                return Err(error);
            }
            let (_, generation) = self.renewal.parts.cell.login();
            Ok(match self.renewal.renewed(self.known) {
                Some(_) => Looked::Enough,
                None => Looked::At(generation),
            })
        })
    }

    fn is_served(&self) -> bool {
        self.renewal.at_hand().is_some()
    }

    fn told(&self, asking_until: Option<SystemTime>) {
        let parts = &self.renewal.parts;
        if let Some(observer) = &parts.observer {
            observer.waiting(&parts.key, asking_until);
        }
    }
}
