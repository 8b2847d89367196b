//! How a file of a [`Directory`] gets what is to be kept: room, all of it, and its name.

use std::fs::File;
use std::io::{Seek, Write};

use secrecy::{ExposeSecret, SecretSlice};

use super::{Directory, failed};
use crate::error::Result;
use crate::shared_file::{is_held, patiently, write_whole};
use crate::store::system;

impl Directory {
    /// A file of `size` bytes that are surely on the disk.
    pub(in crate::store) fn reserve(&self, name: &str, size: usize) -> Result<File> {
        let path = self.path.join(name);
        let fail = |error| failed("reserve room in", &path, error);
        let mut file = self.open_file(&path, name, true).map_err(fail)?;
        // Before anything is written: it may be a second name of a file that matters.
        self.ensure_private(&file, &path)?;
        let there = file.metadata().map_err(fail)?.len();
        if there < size as u64 {
            let blanks = vec![b' '; size];
            let written = file.rewind().and_then(|()| file.write_all(&blanks));
            written.and_then(|()| file.sync_all()).map_err(fail)?;
        }
        Ok(file)
    }

    /// Writes `bytes` into the reserved file `spare` and lets it take the place of `name`. False if another program keeps
    /// one of the two open, and does not let go.
    pub(in crate::store) fn replace(
        &self,
        mut spare: File,
        from: &str,
        name: &str,
        bytes: &SecretSlice<u8>,
    ) -> Result<bool> {
        let path = self.path.join(name);
        let mut work = || {
            write_whole(&mut spare, bytes.expose_secret())?;
            match patiently(&path, || self.rename(from, name)) {
                Err(error) if is_held(&error) => Ok(false),
                outcome => outcome
                    .and_then(|()| system::sync(&self.handle))
                    .map(|()| true),
            }
        };
        work().map_err(|error| failed("write", &path, error))
    }

    /// Writes `bytes` into the file `name` as it lies there, for whoever can tell the whole of it from a part.
    pub(in crate::store) fn write(&self, name: &str, bytes: &SecretSlice<u8>) -> Result<()> {
        let path = self.path.join(name);
        let fail = |error| failed("write", &path, error);
        let mut file = self.open_file(&path, name, true).map_err(fail)?;
        self.ensure_private(&file, &path)?;
        let written = write_whole(&mut file, bytes.expose_secret());
        written
            .and_then(|()| system::sync(&self.handle))
            .map_err(fail)
    }

    /// Gives a file another name, unless another program keeps one of the two open.
    pub(in crate::store) fn rename(&self, from: &str, to: &str) -> std::io::Result<()> {
        #[cfg(test)]
        crate::shared_file::held::ensure_free(&self.path.join(to))?;
        system::rename(&self.handle, &self.path, from, to)
    }
}
