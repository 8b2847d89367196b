//! [`Mirror`]: a file of another program that holds our refresh token.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::Login;
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

/// A file that a session's entry lists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MirrorFile {
    kind: String,
    path: PathBuf,
    /// The token that was written last. `None`: the file was never written, and takes the place of what is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    written: Option<Fingerprint>,
    /// Those that may have been written since.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    tried: Vec<Fingerprint>,
}

impl MirrorFile {
    /// What kind of file it is.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it holds `refresh`, as far as we know.
    fn has(&self, refresh: &RefreshToken) -> bool {
        self.written == Some(refresh.fingerprint()) && self.tried.is_empty()
    }

    fn ours(&self) -> Vec<Fingerprint> {
        self.written.iter().chain(&self.tried).copied().collect()
    }

    /// What it is before `refresh` is written: after that it may be there.
    fn trying(mut self, refresh: &RefreshToken) -> Self {
        let next = refresh.fingerprint();
        if self.written != Some(next) && !self.tried.contains(&next) {
            self.tried.push(next);
            // A file that could not be written for so long holds none of those in between.
            if self.tried.len() > MOST_TRIED {
                self.tried.remove(0);
            }
        }
        self
    }
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
            .retain(|file| (&*file.kind, &*file.path) != (kind, &*path));
        next.mirrors.push(MirrorFile {
            kind: kind.to_owned(),
            path,
            written: written.map(RefreshToken::fingerprint),
            tried: Vec::new(),
        });
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
            let shown = file.path.display();
            let Some(mirror) = by.iter().find(|mirror| mirror.kind() == file.kind) else {
                tracing::debug!(path = %shown, kind = file.kind, "a file of a kind that is not written here");
                mirrors.push(file);
                continue;
            };
            let ours = file.ours();
            let over = file.written.is_some().then_some(&*ours);
            match mirror.write(&file.path, &refresh, over).await {
                Ok(true) => mirrors.push(MirrorFile {
                    written: Some(refresh.fingerprint()),
                    tried: Vec::new(),
                    ..file
                }),
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
            let shown = file.path.display();
            let Some(mirror) = by.iter().find(|mirror| mirror.kind() == file.kind) else {
                tracing::warn!(path = %shown, "the file keeps the refresh token");
                continue;
            };
            match mirror.take_out(&file.path, &file.ours()).await {
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

const MOST_TRIED: usize = 8;
