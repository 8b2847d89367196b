//! [`Mirror`]: a file of another program that holds our refresh token.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use super::{Login, MirrorFile};
use crate::error::{Error, Result};
use crate::future::BoxFuture;
use crate::token::{Fingerprint, RefreshToken};

/// Writes the refresh token of a session into files that other programs read, such as netrc. The session's entry
/// lists the files; whoever renews writes each, after the new token was saved and under the session's lock. A file
/// that can't be written is a warning, and is tried again at the next renewal.
///
/// The files are never read for a token to redeem: the truth is the entry.
pub trait Mirror: fmt::Debug + Send + Sync {
    /// What kind of file it is: the name by which an entry tells which mirror a file belongs to.
    fn kind(&self) -> &str;

    /// Puts `refresh` into its place in the file at `path`, whole or not at all. With `over` only in place of a token
    /// with one of these fingerprints, or of `refresh` itself; without, in place of whatever is there. False, with
    /// nothing changed, where there is something else or nothing.
    ///
    /// # Errors
    /// `Store` if the file can't be read or written.
    fn write<'a>(
        &'a self,
        path: &'a Path,
        refresh: &'a RefreshToken,
        over: Option<&'a [Fingerprint]>,
    ) -> BoxFuture<'a, Result<bool>>;

    /// Takes a token with one of these fingerprints out of the file at `path`, with all that was put there with it.
    /// False, with nothing changed, where there is something else or nothing.
    ///
    /// # Errors
    /// As [`write`](Self::write).
    fn take_out<'a>(
        &'a self,
        path: &'a Path,
        ours: &'a [Fingerprint],
    ) -> BoxFuture<'a, Result<bool>>;
}

impl Login {
    /// The files of other programs that hold the refresh token.
    pub fn mirrors(&self) -> &[MirrorFile] {
        &self.mirrors
    }

    /// What it is with the file at `path` among them, which has `written`.
    ///
    /// # Errors
    /// `Config` for a path that can't be written down.
    pub(crate) fn with_mirror(
        &self,
        kind: &str,
        path: &Path,
        written: Option<&RefreshToken>,
    ) -> Result<Self> {
        let path = std::path::absolute(path).ok();
        let path = path.filter(|path| path.to_str().is_some()).ok_or_else(|| {
            Error::config("the path of the file can't be written down")
                .with_advice("use a path that is text")
        })?;
        let mut next = self.clone();
        next.mirrors
            .retain(|file| (file.kind(), file.path()) != (kind, &*path));
        next.mirrors.push(MirrorFile::new(kind, path, written));
        Ok(next)
    }

    /// The same login with the files of another one that it takes the place of.
    pub(crate) fn with_mirrors_of(mut self, other: &Self) -> Self {
        self.mirrors = other.mirrors.clone();
        self
    }

    /// What it is before its refresh token is written into the files. `None` if they have it.
    pub(crate) fn mirroring(&self) -> Option<Self> {
        let refresh = self.refresh.as_ref()?;
        if self.mirrors.iter().all(|file| file.has(refresh)) {
            return None;
        }
        let trying = self.mirrors.iter().map(|file| file.clone().trying(refresh));
        let mirrors = trying.collect();
        let mut next = self.clone();
        next.mirrors = mirrors;
        Some(next)
    }

    /// Writes its refresh token into the files that do not have it, and says what it is afterwards. A file that holds
    /// something else by now is no mirror any more.
    pub(crate) async fn mirrored(mut self, by: &[Arc<dyn Mirror>]) -> Self {
        let Some(refresh) = self.refresh.clone() else {
            return self;
        };
        let mut mirrors = Vec::new();
        for file in std::mem::take(&mut self.mirrors) {
            if file.has(&refresh) {
                mirrors.push(file);
                continue;
            }
            let shown = file.path().display();
            let Some(mirror) = by.iter().find(|mirror| mirror.kind() == file.kind()) else {
                tracing::debug!(path = %shown, kind = file.kind(), "a file of a kind that is not written here");
                mirrors.push(file);
                continue;
            };
            let ours = file.ours();
            let over = file.was_written().then_some(&*ours);
            match mirror.write(file.path(), &refresh, over).await {
                Ok(true) => mirrors.push(file.with(&refresh)),
                Ok(false) => tracing::warn!(
                    path = %shown,
                    "the file holds something else by now: it is left alone from now on"
                ),
                Err(error) => {
                    tracing::warn!(path = %shown, %error, "the file does not have the new refresh token");
                    mirrors.push(file);
                }
            }
        }
        self.mirrors = mirrors;
        self
    }

    /// Takes what we wrote out of the files, as far as it is still there: the login ends.
    pub async fn take_out(&self, by: &[Arc<dyn Mirror>]) {
        for file in &self.mirrors {
            let shown = file.path().display();
            let Some(mirror) = by.iter().find(|mirror| mirror.kind() == file.kind()) else {
                tracing::warn!(path = %shown, "the file keeps the refresh token");
                continue;
            };
            match mirror.take_out(file.path(), &file.ours()).await {
                Ok(true) => {
                    tracing::debug!(path = %shown, "the refresh token is taken out of the file")
                }
                Ok(false) => tracing::debug!(path = %shown, "the file holds something else by now"),
                Err(error) => {
                    tracing::warn!(path = %shown, %error, "the file keeps the refresh token");
                }
            }
        }
    }
}
