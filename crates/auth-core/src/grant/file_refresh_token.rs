//! [`FileRefreshToken`]: a session whose refresh token lies in a file that other programs read too.

use super::given_refresh_token::dead;
use crate::endpoint::TokenEndpoint;
use crate::error::{Challenge, Error, Result};
use crate::future::BoxFuture;
use crate::session::{Held, TokenSet};
use crate::source::Grant;
use crate::store::StoreKey;
use crate::token::RefreshToken;
use crate::token_file::RefreshTokenFile;
use crate::token_file::{REPLACED, is_replaced};

/// Redeems the refresh token in a file (RFC 6749 §6). Where the server answers with a successor, the
/// successor takes its place in the file before anybody else gets to use the session. Where the file can't
/// be written, the successor is kept in the store, and a warning says so. A token that somebody puts into the
/// file meanwhile is left there: it counts from then on. Claims that an API asked for are sent, and what only a
/// login can answer is an `Interaction` error.
///
/// One process at a time redeems the token in a file, whatever store it has: on Unix by a
/// lock on the file, on Windows by a file `….auth-lock` beside it, which is there meanwhile.
///
/// The session goes by the file's path (a link is another one), so all who share path and store share one
/// login. Before a
/// source of it is used, [`RefreshTokenFile::sync`] makes sure that file and store speak of the same login.
#[derive(Debug)]
pub struct FileRefreshToken {
    endpoint: TokenEndpoint,
    file: RefreshTokenFile,
    scopes: Vec<String>,
}

impl FileRefreshToken {
    /// The session of the token in `file`, at `endpoint`.
    pub fn new(endpoint: TokenEndpoint, file: RefreshTokenFile) -> Self {
        Self {
            endpoint,
            file,
            scopes: Vec::new(),
        }
    }

    /// Sends these scopes.
    #[must_use]
    pub fn with_scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            scopes: scopes.into_iter().map(Into::into).collect(),
            ..self
        }
    }

    async fn redeem(&self, held: &Held) -> Result<TokenSet> {
        if held.challenge().is_some_and(Challenge::wants_login) {
            return Err(Error::interaction(format!(
                "the API asks for a login that the refresh token in {} can't provide",
                self.file.path().display()
            ))
            .with_advice(
                "log in as the API asks, and put the refresh token of that login into the file",
            ));
        }
        let clock = &**self.endpoint.io().clock();
        let _lock = self.file.lock(clock).await?;
        let there = self.file.read().await?;
        let replaced = is_replaced(held.notes().get(REPLACED), &there);
        let ours = held
            .refresh()
            .filter(|kept| replaced || kept.is_same(&there));
        if replaced && ours.is_none() {
            return Err(Error::interaction(format!(
                "the refresh token in {} was replaced, and its successor is of no use either",
                self.file.path().display()
            ))
            .with_advice("log in again and put the new refresh token into the file"));
        }
        let token = ours.unwrap_or(&there);
        let asked = self.endpoint.refresh(held, token, &self.scopes).await;
        let set = asked.map_err(|error| {
            let place = format!("the refresh token in {}", self.file.path().display());
            dead(error, &place, "put a new refresh token into the file")
        })?;
        let note = match set.refresh().filter(|next| !next.is_same(&there)) {
            Some(next) => self.write(next, &there, !replaced).await,
            None => None,
        };
        let set = set.with_note(REPLACED, note.unwrap_or_default().into());
        match ours {
            Some(_) => set.following(held),
            // Another login than what is held, perhaps another person's.
            None => Ok(set),
        }
    }

    /// Puts the successor into the file. If that fails, says what to note about the token that is there.
    async fn write(
        &self,
        next: &RefreshToken,
        there: &RefreshToken,
        is_news: bool,
    ) -> Option<String> {
        let error = match self.file.replace(there, next).await {
            Ok(true) => return None,
            Ok(false) => {
                tracing::debug!("somebody has put another token into the file meanwhile");
                return None;
            }
            Err(error) => error,
        };
        if is_news {
            tracing::warn!(
                %error,
                "a new refresh token came, which is in the token store only; whether the one in the \
                 file still works the server did not say"
            );
        }
        Some(there.fingerprint().name())
    }
}

impl Grant for FileRefreshToken {
    fn key(&self) -> StoreKey {
        StoreKey::new(self.endpoint.session(self.file.label())).with_scopes(&self.scopes)
    }

    fn exchange<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<TokenSet>> {
        Box::pin(self.redeem(held))
    }
}
