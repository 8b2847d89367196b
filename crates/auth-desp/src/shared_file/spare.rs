//! The file that takes the place of a shared one.

use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::Path;
use std::time::Duration;

use tempfile::NamedTempFile;

use super::{No, Text};

/// A file beside `path`, for its owner alone (0600), with all of `text` in it.
pub(super) fn spare(path: &Path, text: &Text) -> Result<NamedTempFile, No> {
    let spare = NamedTempFile::new_in(directory(path));
    let mut spare = spare.map_err(|error| match error.kind() {
        ErrorKind::NotFound => No::Place("lies in a folder that is not there"),
        // Its own name says nothing to anybody.
        kind => No::System(kind.into()),
    })?;
    spare.write_all(text)?;
    spare.as_file().sync_all()?;
    Ok(spare)
}

/// Lets `spare` take the place of what is at `path`, once nobody has that open where that is in the way.
pub(super) fn persist(mut spare: NamedTempFile, path: &Path) -> Result<(), No> {
    let mut tries = 0..TRIES;
    loop {
        let Err(failed) = spare.persist(path) else {
            return Ok(());
        };
        let no = No::System(failed.error);
        if !no.is_busy() || tries.next().is_none() {
            return Err(no);
        }
        spare = failed.file;
        std::thread::sleep(MOMENT);
    }
}

fn directory(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    }
}

/// Makes a new name in a directory durable, where directories can be synced.
pub(super) fn sync_parent(path: &Path) -> Result<(), No> {
    if cfg!(unix) {
        File::open(directory(path))?.sync_all()?;
    }
    Ok(())
}

/// How often, and after which pauses, a file is replaced that another program looks at.
const TRIES: u32 = 300;
const MOMENT: Duration = Duration::from_millis(10);
