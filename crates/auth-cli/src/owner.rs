//! Who else could have written, or could read, a file that we are about to trust.

use std::fs::Metadata;
use std::path::Path;

use auth_core::Result;

/// Refuses a file that somebody else could have written, or whose directory lets somebody else replace
/// it: whoever writes our configuration chooses where secrets are sent and which commands run.
#[cfg(unix)]
pub(crate) fn ensure_private_to_write(metadata: &Metadata, path: &Path) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    let unreadable = |error| auth_core::Error::config(format!("{}: {error}", path.display()));
    judge(path, metadata, "file")?;
    // Both the directory of a link and that of the file it leads to.
    let real = path.canonicalize().map_err(unreadable)?;
    let named = std::path::absolute(path).map_err(unreadable)?;
    for directory in [real.parent(), named.parent()].into_iter().flatten() {
        let metadata = directory.metadata().map_err(unreadable)?;
        // In a sticky directory such as /tmp nobody can replace what is ours.
        if metadata.mode() & STICKY == 0 {
            judge(directory, &metadata, "directory")?;
        }
    }
    Ok(())
}

/// Whether others than the owner can read a file.
#[cfg(unix)]
pub(crate) fn is_readable_by_others(metadata: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    metadata.is_file() && metadata.mode() & 0o077 != 0
}

#[cfg(unix)]
fn judge(path: &Path, metadata: &Metadata, what: &str) -> Result<()> {
    use std::os::unix::fs::MetadataExt;

    let shown = path.display();
    let ours = rustix::process::geteuid().as_raw();
    if metadata.uid() != ours && metadata.uid() != 0 {
        let owner = metadata.uid();
        return Err(auth_core::Error::config(format!(
            "the {what} {shown} belongs to user {owner}, who could change what it says"
        ))
        .with_advice(format!("make it yours: chown {ours} {shown}")));
    }
    // A device or a pipe is not replaced by writing to it.
    if metadata.mode() & 0o002 != 0 && (metadata.is_file() || metadata.is_dir()) {
        return Err(
            auth_core::Error::config(format!("everybody can write to the {what} {shown}"))
                .with_advice(format!("take that right away: chmod o-w {shown}")),
        );
    }
    Ok(())
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
pub(crate) fn is_readable_by_others(_metadata: &Metadata) -> bool {
    false
}
