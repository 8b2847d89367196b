//! Ending a login: at the server, then here.

use std::sync::Arc;

use super::TokenEndpoint;
use crate::error::{Error, Result};
use crate::session::{Login, Mirror};
use crate::store::{SessionKey, StoreLock, TokenStore};

/// How a login ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum LoggedOut {
    /// There was none.
    NoLogin,
    /// The server knows it no more, and it is forgotten here.
    Revoked,
    /// It is forgotten here. It had no refresh token, so there was nothing to revoke.
    Forgotten,
    /// It is forgotten here. The server did not revoke it, for this reason.
    NotRevoked(Error),
}

impl LoggedOut {
    /// An error where the server did not revoke the login.
    ///
    /// # Errors
    /// Why it did not.
    pub fn done(self) -> Result<()> {
        match self {
            Self::NotRevoked(error) => Err(error),
            _ => Ok(()),
        }
    }
}

impl TokenEndpoint {
    /// Ends the login that `store` keeps for `session`: revokes its refresh token (RFC 7009), which ends the
    /// session at servers that tie both together, as Keycloak does; then removes it, whatever the server
    /// said, and takes it out of the files that `mirrors` wrote. Renewals of other processes wait meanwhile.
    ///
    /// # Errors
    /// `Store`; `Unavailable` if another process does not let go of the session. A login that the server
    /// did not revoke is no error.
    pub async fn log_out(
        &self,
        store: &dyn TokenStore,
        session: &SessionKey,
        mirrors: &[Arc<dyn Mirror>],
    ) -> Result<LoggedOut> {
        let lock = StoreLock::wait(store, session, &**self.io.clock(), &|_| {}).await?;
        let Some(entry) = store.load(session).await? else {
            return Ok(LoggedOut::NoLogin);
        };
        let login = Login::decode(&entry.bytes, session)?.unwrap_or_default();
        let revoked = match &login.refresh {
            Some(token) => Some(self.revoke(token).await),
            None => None,
        };
        login.take_out(mirrors).await;
        store.remove(&lock).await?;
        Ok(match revoked {
            Some(Ok(())) => LoggedOut::Revoked,
            Some(Err(error)) => LoggedOut::NotRevoked(error),
            None => LoggedOut::Forgotten,
        })
    }
}
