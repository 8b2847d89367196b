//! The session's entry, read and written.

use super::Parts;
use crate::error::Error;
use crate::session::Login;
use crate::store::StoreLock;

impl Parts {
    /// Writes down what memory has.
    pub(super) async fn save(&self, lock: Option<&StoreLock>) {
        let Some(lock) = lock else { return };
        let (login, generation) = self.cell.login();
        let saved = match login.encode(self.key.session()) {
            Ok(bytes) => self.store.save(lock, generation, &bytes).await,
            Err(error) => Err(error),
        };
        match saved {
            Ok(generation) => {
                let now = self.clock.now().wall;
                self.store.expire(lock, login.useful_until(), now).await;
                tracing::debug!(session = %self.key.session(), "the new tokens are saved");
                self.cell.saved(generation);
                self.cell.store_works(true);
            }
            Err(error) => self.report(&error),
        }
    }

    /// Looks into the store. What can't be read leaves memory as it is, and is said why.
    pub(super) async fn load(&self) -> Option<Error> {
        let session = self.key.session();
        let loaded = match self.store.load(session).await {
            Ok(None) => Ok(None),
            Ok(Some(entry)) => Login::decode(&entry.bytes, session)
                .map(|login| Some((login.unwrap_or_default(), entry.generation))),
            Err(error) => Err(error),
        };
        match loaded {
            Ok(entry) => {
                self.cell.stored(entry);
                None
            }
            Err(error) => Some(error),
        }
    }

    /// Tells once that the store fails.
    pub(super) fn report(&self, error: &Error) {
        if self.cell.store_works(false) {
            tracing::warn!(%error, "the token store fails; tokens are kept in memory only");
            if let Some(observer) = &self.observer {
                observer.store_failed(&self.key, error);
            }
        }
    }
}
