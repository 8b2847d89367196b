//! Files of other programs that hold the session's refresh token: which they are, and what is in them.

use std::path::Path;

use super::{CachedSource, Parts};
use crate::error::{Error, Result};
use crate::session::Login;
use crate::store::StoreLock;

impl CachedSource {
    /// Lists the file at `path` among those that hold the session's refresh token, and writes it, in place of
    /// whatever it has there. From now on whoever renews writes it. Touches the store and the file, not the network.
    ///
    /// # Errors
    /// `Interaction` if there is no refresh token, `Config` if no [mirror](Self::with_mirror) writes files of that
    /// `kind`, `Store` if the store or the file can't be written, `Unavailable` if somebody else does not let go of
    /// the session.
    pub async fn mirror_to(&self, kind: &str, path: &Path) -> Result<()> {
        let parts = &*self.0;
        let mirror = parts.mirrors.iter().find(|mirror| mirror.kind() == kind);
        let mirror = mirror.ok_or_else(|| {
            Error::config(format!(
                "no files of kind {kind} are written for this login"
            ))
        })?;
        let lock = parts.lock().await?;
        parts.load().await.map_or(Ok(()), Err)?;
        let (login, _) = parts.cell.login();
        let refresh = login.refresh.clone().ok_or_else(|| {
            Error::interaction("there is no refresh token to write").with_advice("log in first")
        })?;
        // Listed first: a file that nobody knows of would keep a token that is spent.
        let listed = login.with_mirror(kind, path, None)?;
        parts.write(&lock, listed).await?;
        let outcome = match mirror.write(path, &refresh, None).await {
            Ok(_) => {
                let written = login.with_mirror(kind, path, Some(&refresh))?;
                parts.write(&lock, written).await
            }
            Err(error) => parts.write(&lock, login).await.and(Err(error)),
        };
        lock.release().await;
        outcome
    }

    /// Writes the refresh token into the files that mirror it and do not have it: after a new login, for example.
    /// What can't be written is a warning. Touches the store and the files, not the network.
    ///
    /// # Errors
    /// `Store`; `Unavailable` if somebody else does not let go of the session.
    pub async fn write_mirrors(&self) -> Result<()> {
        let lock = self.0.lock().await?;
        self.0.load().await.map_or(Ok(()), Err)?;
        self.0.mirror(Some(&lock)).await;
        lock.release().await;
        Ok(())
    }
}

impl Parts {
    /// Brings the files that mirror the refresh token up to date, where that is saved and they are not.
    pub(super) async fn mirror(&self, lock: Option<&StoreLock>) {
        if lock.is_none() || self.cell.unsaved().is_some() {
            return;
        }
        let Some(login) = self.cell.login().0.mirroring() else {
            return;
        };
        self.cell.amend(login.mirrored(&self.mirrors).await);
        self.save(lock).await;
    }

    async fn write(&self, lock: &StoreLock, login: Login) -> Result<()> {
        self.cell.amend(login);
        self.save(Some(lock)).await;
        match self.cell.unsaved() {
            None => Ok(()),
            Some(_) => Err(
                Error::store("the list of files can't be kept in the token store")
                    .with_advice("check the token store"),
            ),
        }
    }

    async fn lock(&self) -> Result<StoreLock> {
        let told = |until| {
            if let Some(observer) = &self.observer {
                observer.waiting(&self.key, until);
            }
        };
        StoreLock::wait(&*self.store, self.key.session(), &*self.clock, &told).await
    }
}
