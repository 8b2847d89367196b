//! Who else could have written, or could read, a file that we are about to trust.

#[cfg(unix)]
mod group;

use std::fs::Metadata;
use std::path::Path;

use auth_core::Result;

/// Refuses a file that somebody else could have written, or whose directory lets somebody else replace
/// it: whoever writes our configuration chooses where secrets are sent and which commands run. The directory is the one
/// that the file really lies in, wherever links led from. Where nobody can write (a volume that is mounted read-only),
/// rights to do so mean nothing.
#[cfg(unix)]
pub(crate) fn ensure_private_to_write(metadata: &Metadata, path: &Path) -> Result<()> {
    // What was handed to us open (a pipe, a descriptor) has no place where somebody could replace it.
    let Ok(real) = path.canonicalize() else {
        return Ok(());
    };
    if is_read_only(&real) {
        return judge_owner(path, metadata, "file");
    }
    judge(path, metadata, "file")?;
    let Some(directory) = real.parent() else {
        return Ok(());
    };
    ensure_private_directory(directory)
}

/// Refuses a directory in which somebody else could replace a file of ours.
///
/// # Errors
/// `Config`, also where it can't be looked at.
#[cfg(unix)]
pub(crate) fn ensure_private_directory(directory: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    let unreadable = |error| auth_core::Error::config(format!("{}: {error}", directory.display()));
    let metadata = directory.metadata().map_err(unreadable)?;
    // In a sticky directory such as /tmp nobody can replace what is ours.
    match metadata.mode() & STICKY {
        0 => judge(directory, &metadata, "directory"),
        _ => Ok(()),
    }
}

/// What to say to whoever owns a file whose secret others can read; nothing where that is not so, or where it is not
/// ours to change.
#[cfg(unix)]
pub(crate) fn exposure(metadata: &Metadata, path: &Path) -> Option<String> {
    use std::os::unix::fs::MetadataExt;

    let is_read = metadata.is_file() && metadata.mode() & 0o077 != 0;
    let shown = path.display();
    (is_read && is_ours(metadata) && !is_read_only(path))
        .then(|| format!("in {shown}; take that right away: chmod 600 {shown}"))
}

#[cfg(unix)]
fn judge(path: &Path, metadata: &Metadata, what: &str) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    judge_owner(path, metadata, what)?;
    // A device or a pipe is not replaced by writing to it.
    if !(metadata.is_file() || metadata.is_dir()) {
        return Ok(());
    }
    let (who, right) = if metadata.mode() & 0o002 != 0 {
        ("everybody".to_owned(), "o-w")
    } else if metadata.mode() & 0o020 != 0 && !group::is_private(metadata.gid()) {
        (format!("the group {}", group::name(metadata.gid())), "g-w")
    } else {
        return Ok(());
    };
    let shown = path.display();
    let error = auth_core::Error::config(format!("{who} can write to the {what} {shown}"));
    Err(error.with_advice(match is_ours(metadata) {
        true => format!("take that right away: chmod {right} {shown}"),
        false => {
            "it is not yours to change: copy it to a place of your own, and name that".to_owned()
        }
    }))
}

#[cfg(unix)]
fn judge_owner(path: &Path, metadata: &Metadata, what: &str) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    if is_ours(metadata) || metadata.uid() == 0 {
        return Ok(());
    }
    let (owner, shown) = (metadata.uid(), path.display());
    let ours = rustix::process::geteuid().as_raw();
    let error = auth_core::Error::config(format!(
        "the {what} {shown} belongs to user {owner}, who could change what it says"
    ));
    Err(error.with_advice(match ours {
        0 => format!("make it yours: chown {ours} {shown}"),
        _ => "copy it to a place of your own, and name that".to_owned(),
    }))
}

/// Whether its rights are ours to change.
#[cfg(unix)]
fn is_ours(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.uid() == rustix::process::geteuid().as_raw()
}

/// Whether nobody can write there, whatever the rights say.
#[cfg(unix)]
fn is_read_only(path: &Path) -> bool {
    use rustix::fs::{StatVfsMountFlags, statvfs};
    statvfs(path).is_ok_and(|system| system.f_flag.contains(StatVfsMountFlags::RDONLY))
}

#[cfg(unix)]
const STICKY: u32 = 0o1000;

/// Other systems guard a user's profile directory by themselves.
#[cfg(not(unix))]
pub(crate) fn ensure_private_to_write(_metadata: &Metadata, _path: &Path) -> Result<()> {
    Ok(())
}

/// Other systems guard a user's profile directory by themselves.
#[cfg(not(unix))]
pub(crate) fn ensure_private_directory(_directory: &Path) -> Result<()> {
    Ok(())
}

/// Other systems guard a user's profile directory by themselves.
#[cfg(not(unix))]
pub(crate) fn exposure(_metadata: &Metadata, _path: &Path) -> Option<String> {
    None
}
