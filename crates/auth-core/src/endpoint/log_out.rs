//! Ending a login: at the server, then here.

use std::sync::Arc;

use super::TokenEndpoint;
use crate::error::{Error, Result};
use crate::session::{Login, Mirror, Replaced};
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
    /// said, and takes it out of the files that `mirrors` wrote. Renewals of other processes wait meanwhile. It
    /// needs no room, and what can't be read is removed too.
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
        let lock = StoreLock::wait_to_remove(store, session, &**self.io.clock(), &|_| {}).await?;
        if !store.holds(session).await? {
            return Ok(LoggedOut::NoLogin);
        }
        let (login, unread) = match Login::load(store, session).await {
            Ok(login) => (login.unwrap_or_default(), None),
            Err(error) => (Login::default(), Some(Err(error))),
        };
        let revoked = match &login.refresh {
            Some(token) => Some(self.revoke(token).await),
            None => unread,
        };
        login.take_out(mirrors).await;
        store.remove(&lock).await?;
        Ok(match revoked {
            Some(Ok(())) => LoggedOut::Revoked,
            Some(Err(error)) => LoggedOut::NotRevoked(error),
            None => LoggedOut::Forgotten,
        })
    }
    /// Ends a new login that got nowhere, as [`log_out`](Self::log_out) does, unless that could end one that `kept`
    /// has: servers end a whole session of theirs, which a login that went through the browser may share with those
    /// before it. Then it is [`NotRevoked`](LoggedOut::NotRevoked).
    ///
    /// # Errors
    /// As [`log_out`](Self::log_out).
    pub async fn take_back(
        &self,
        store: &dyn TokenStore,
        session: &SessionKey,
        kept: &dyn TokenStore,
    ) -> Result<LoggedOut> {
        let new = Login::load(store, session).await?.unwrap_or_default();
        // What can't be read is lost to us anyway.
        for (other, login) in Login::all(kept).await.unwrap_or_default() {
            if other.issuer() != session.issuer() || other.client() != session.client() {
                continue;
            }
            if login.is_ok_and(|login| login.refresh.is_some() && !new.is_apart_from(&login)) {
                return Ok(LoggedOut::NotRevoked(Error::refused(
                    "ending it could end a login that is kept, since the server may have both in one session",
                )));
            }
        }
        self.log_out(store, session, &[]).await
    }

    /// Ends a login at the server that another one took the place of (RFC 7009).
    ///
    /// # Errors
    /// As [`revoke`](Self::revoke).
    pub async fn end_replaced(&self, replaced: &Replaced) -> Result<()> {
        self.revoke(replaced.refresh()).await
    }
}
