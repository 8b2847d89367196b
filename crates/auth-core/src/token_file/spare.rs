//! The file that takes the place of a token file.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Seek, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::store::patience::patiently;
use crate::token::RefreshToken;

/// Whoever could read the old file can read the new one.
#[cfg(unix)]
pub(super) fn keep_owner(file: &File, before: &Metadata) -> std::io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let ours = file.metadata()?;
    if (ours.uid(), ours.gid()) == (before.uid(), before.gid()) {
        return Ok(());
    }
    fchown(file, Some(before.uid()), Some(before.gid()))
}

#[cfg(not(unix))]
pub(super) fn keep_owner(_: &File, _: &Metadata) -> std::io::Result<()> {
    Ok(())
}

/// A file beside `path`, for its owner alone.
pub(super) fn spare(path: &Path) -> std::io::Result<NamedTempFile> {
    // Its own name says nothing to anybody.
    NamedTempFile::new_in(directory(path)).map_err(|error| error.kind().into())
}

/// Sure to hold a token later, also where the disk is full by then.
pub(super) fn with_room(mut spare: NamedTempFile) -> std::io::Result<NamedTempFile> {
    let file = spare.as_file_mut();
    file.write_all(&[b'\n'; ROOM])?;
    file.sync_all()?;
    Ok(spare)
}

pub(super) fn written_to(
    mut spare: NamedTempFile,
    token: &RefreshToken,
) -> std::io::Result<NamedTempFile> {
    let file = spare.as_file_mut();
    file.rewind()?;
    file.write_all(token.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    let length = file.stream_position()?;
    file.set_len(length)?;
    file.sync_all()?;
    Ok(spare)
}

/// Lets `spare` take the place of `path`, once no other program keeps that open.
pub(super) fn persist(spare: NamedTempFile, path: &Path) -> std::io::Result<()> {
    let mut next = Some(spare);
    patiently(path, || {
        #[cfg(test)]
        crate::store::patience::held::ensure_free(path)?;
        let Some(spare) = next.take() else {
            return Err(ErrorKind::NotFound.into());
        };
        spare.persist(path).map(drop).map_err(|failed| {
            next = Some(failed.file);
            failed.error
        })
    })
}

pub(super) fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Makes a new name in a directory durable, where directories can be synced.
pub(super) fn sync_parent(path: &Path) -> std::io::Result<()> {
    if cfg!(unix) {
        File::open(directory(path))?.sync_all()?;
    }
    Ok(())
}

/// Most are shorter.
const ROOM: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::patience::held;

    #[test]
    fn a_token_file_that_another_program_looks_at_is_replaced_when_that_is_over() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        std::fs::write(&path, "old").unwrap();
        let new = RefreshToken::parse("new").unwrap();
        let next = || written_to(spare(&path).unwrap(), &new).unwrap();
        held::hold(&path, 300);
        persist(next(), &path).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new\n");
        // What can't be put there leaves nothing behind.
        held::hold(&path, u32::MAX);
        persist(next(), &path).unwrap_err();
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
    }
}
