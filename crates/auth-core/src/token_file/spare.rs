//! The file that takes the place of a token file.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Seek, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::store::patience::{is_held, patiently};
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
    write_to(spare.as_file_mut(), token)?;
    Ok(spare)
}

fn write_to(file: &mut File, token: &RefreshToken) -> std::io::Result<()> {
    file.rewind()?;
    file.write_all(token.expose_secret().as_bytes())?;
    file.write_all(b"\n")?;
    let length = file.stream_position()?;
    file.set_len(length)?;
    file.sync_all()
}

/// Lets `spare`, which has `token` in it, take the place of `path`, once no other program keeps that open. Where one does
/// for longer than can be waited for, the token is written into the file: others read that meanwhile, and would lose
/// the login otherwise.
pub(super) fn persist(
    spare: NamedTempFile,
    path: &Path,
    token: &RefreshToken,
) -> std::io::Result<()> {
    let mut next = Some(spare);
    let done = patiently(path, || {
        #[cfg(test)]
        crate::store::patience::held::ensure_free(path)?;
        let Some(spare) = next.take() else {
            return Err(ErrorKind::NotFound.into());
        };
        spare.persist(path).map(drop).map_err(|failed| {
            next = Some(failed.file);
            failed.error
        })
    });
    match done {
        Err(error) if is_held(&error) => {
            let mut file = File::options().write(true).open(path)?;
            write_to(&mut file, token)
        }
        done => done,
    }
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
        let next = |token: &RefreshToken| {
            let spare = written_to(spare(&path).unwrap(), token).unwrap();
            persist(spare, &path, token).unwrap();
            std::fs::read_to_string(&path).unwrap()
        };
        held::hold(&path, 300);
        assert_eq!(next(&RefreshToken::parse("newer").unwrap()), "newer\n");
        // Who never lets go of it reads what is written into it, and nothing is left behind.
        held::hold(&path, u32::MAX);
        assert_eq!(next(&RefreshToken::parse("new").unwrap()), "new\n");
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
    }
}
