//! [`Place`]: where a file really is, and whether it is one that we may write.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::No;

/// Where a file really is.
pub(super) struct Place {
    pub(super) real: PathBuf,
    pub(super) is_link: bool,
    /// Whether nobody else can read it.
    pub(super) is_private: bool,
}

impl Place {
    /// `None`: there is nothing.
    pub(super) fn find(path: &Path) -> Result<Option<Self>, No> {
        let link = match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let is_link = link.is_symlink();
        if is_link && !is_ours(&link) {
            return Err(No::Place("is a link of another user"));
        }
        let real = match path.canonicalize() {
            Err(error) if is_link && error.kind() == ErrorKind::NotFound => {
                return Err(No::Place("is a link to nothing"));
            }
            other => other?,
        };
        let there = real.metadata()?;
        if !there.is_file() {
            return Err(No::Place("is no regular file"));
        }
        if !is_ours(&there) {
            return Err(No::Place("belongs to another user"));
        }
        if has_second_name(&there) {
            return Err(No::Place("has a second name (hard link)"));
        }
        if there.permissions().readonly() {
            return Err(No::Place("is read-only"));
        }
        Ok(Some(Self {
            real,
            is_link,
            is_private: is_private(&there),
        }))
    }
}

#[cfg(unix)]
fn is_ours(there: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    there.uid() == rustix::process::geteuid().as_raw()
}

#[cfg(unix)]
fn has_second_name(there: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    there.nlink() > 1
}

#[cfg(unix)]
fn is_private(there: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;

    there.mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_ours(_: &Metadata) -> bool {
    true
}

#[cfg(not(unix))]
fn has_second_name(_: &Metadata) -> bool {
    false
}

#[cfg(not(unix))]
fn is_private(_: &Metadata) -> bool {
    true
}
