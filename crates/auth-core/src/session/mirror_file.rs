//! [`MirrorFile`]: one file that mirrors a login.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::token::{Fingerprint, RefreshToken};

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
    /// The file at `path`, which has `written`.
    pub(super) fn new(kind: &str, path: PathBuf, written: Option<&RefreshToken>) -> Self {
        Self {
            kind: kind.to_owned(),
            path,
            written: written.map(RefreshToken::fingerprint),
            tried: Vec::new(),
        }
    }

    /// What kind of file it is.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it holds `refresh`, as far as we know.
    pub(super) fn has(&self, refresh: &RefreshToken) -> bool {
        self.written == Some(refresh.fingerprint()) && self.tried.is_empty()
    }

    /// The tokens of ours that it may hold.
    pub(super) fn ours(&self) -> Vec<Fingerprint> {
        self.written.iter().chain(&self.tried).copied().collect()
    }

    /// What it is before `refresh` is written: after that it may be there.
    pub(super) fn trying(mut self, refresh: &RefreshToken) -> Self {
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

    /// What it is once `refresh` was written.
    pub(super) fn with(self, refresh: &RefreshToken) -> Self {
        Self::new(&self.kind, self.path, Some(refresh))
    }

    /// Whether a token of ours was written into it.
    pub(super) fn was_written(&self) -> bool {
        self.written.is_some()
    }
}

const MOST_TRIED: usize = 8;
