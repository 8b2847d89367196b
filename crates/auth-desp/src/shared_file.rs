//! [`SharedFile`]: a small file of other programs that we put something into.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the room of the calls that block"
)]

use std::fs::{File, Metadata, TryLockError};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use auth_core::clock::Clock;
use auth_core::{Error, Result};
use secrecy::zeroize::Zeroizing;
use tempfile::NamedTempFile;

/// What is in such a file: somebody's passwords.
pub(crate) type Text = Zeroizing<Vec<u8>>;

/// A small file of other programs that we put something into. See [`NetrcFile`](crate::netrc::NetrcFile)
/// for its rules.
#[derive(Clone, Debug)]
pub(crate) struct SharedFile {
    path: PathBuf,
    /// The text of a file with nothing in it.
    empty: &'static str,
}

/// What to do with such a file.
pub(crate) struct Change {
    text: Text,
    is_of_others: bool,
}

impl Change {
    /// A text in which something may be gone that was not ours.
    pub(crate) fn of_others(text: Text) -> Self {
        let is_of_others = true;
        Self { text, is_of_others }
    }

    /// A text that differs in what we put there ourselves.
    pub(crate) fn of_ours(text: Text) -> Self {
        let is_of_others = false;
        Self { text, is_of_others }
    }
}

impl SharedFile {
    pub(crate) fn new(path: impl Into<PathBuf>, empty: &'static str) -> Self {
        let path = path.into();
        Self { path, empty }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What is in it; `None` if there is no such file.
    pub(crate) async fn read(&self) -> Result<Option<Text>> {
        let path = self.path.clone();
        blocking(move || match File::open(&path) {
            Ok(file) => text_in(&file).map(Some),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error.into()),
        })
        .await
        .map_err(|no| self.bad("read", &no))
    }

    /// Makes the change that `edit` finds for what is in the file now, alone among all processes. False
    /// if it finds none. It may be asked again, when somebody else was faster.
    pub(crate) async fn change(
        &self,
        clock: &dyn Clock,
        edit: impl Fn(&[u8]) -> Result<Option<Change>> + Send + Sync + 'static,
    ) -> Result<bool> {
        let edit = Arc::new(edit);
        let end = clock.now().monotonic + PATIENCE;
        loop {
            let (file, edit) = (self.clone(), edit.clone());
            match blocking(move || file.attempt(&*edit)).await {
                Ok(Some(done)) => return Ok(done),
                Err(No::Edit(error)) => return Err(error),
                Err(no) => return Err(self.bad("write", &no)),
                Ok(None) if clock.now().monotonic < end => clock.sleep(PAUSE).await,
                Ok(None) => {
                    return Err(Error::unavailable(format!(
                        "another process writes {} and does not let go of it",
                        self.path.display()
                    ))
                    .with_advice("try again, or end that process"));
                }
            }
        }
    }

    /// `None`: somebody else has it, or was faster.
    fn attempt(&self, edit: &dyn Fn(&[u8]) -> Result<Option<Change>>) -> Result<Option<bool>, No> {
        let Some(place) = Place::find(&self.path)? else {
            let Some(change) = edit(&[]).map_err(No::Edit)? else {
                return Ok(Some(false));
            };
            return match spare(&self.path, &change.text)?.persist_noclobber(&self.path) {
                Ok(_) => sync_parent(&self.path).map(|()| Some(true)),
                Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(None),
                Err(error) => Err(error.error.into()),
            };
        };
        let file = File::open(&place.real)?;
        if cfg!(unix) {
            // Elsewhere a locked file can't be replaced, and where there are no locks there is none.
            match file.try_lock() {
                Err(TryLockError::WouldBlock) => return Ok(None),
                Ok(()) if !is_at(&file, &place.real)? => return Ok(None),
                Ok(()) | Err(TryLockError::Error(_)) => {}
            }
        }
        let text = text_in(&file)?;
        let Some(change) = edit(&text).map_err(No::Edit)? else {
            return Ok(Some(false));
        };
        if change.text == text && place.is_private {
            return Ok(Some(true));
        }
        if change.is_of_others {
            place.back_up(&text)?;
        }
        let spare = spare(&place.real, &change.text)?;
        // As late as can be: who replaces the file without a lock of ours was faster.
        let now = match File::open(&place.real) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => text_in(&other?)?,
        };
        if now != text {
            return Ok(None);
        }
        if *change.text == self.empty.as_bytes() && !place.is_link {
            drop(file);
            std::fs::remove_file(&place.real)?;
        } else {
            spare.persist(&place.real).map_err(|error| error.error)?;
        }
        sync_parent(&place.real)?;
        Ok(Some(true))
    }

    fn bad(&self, what: &str, no: &No) -> Error {
        let shown = self.path.display();
        let advice = "change its rights, or name another file";
        match no {
            No::System(error) => {
                Error::config(format!("can't {what} {shown}: {error}")).with_advice(advice)
            }
            No::Place(why) => {
                Error::config(format!("{shown} {why}, and is left alone")).with_advice(advice)
            }
            No::Edit(error) => error.clone(),
        }
    }
}

/// Where a file really is.
struct Place {
    real: PathBuf,
    is_link: bool,
    /// Whether nobody else can read it.
    is_private: bool,
}

impl Place {
    /// `None`: there is nothing.
    fn find(path: &Path) -> Result<Option<Self>, No> {
        let link = match path.symlink_metadata() {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            other => other?,
        };
        let is_link = link.is_symlink();
        if is_link && !is_ours(&link) {
            return Err(No::Place("is a link of another user"));
        }
        let real = match path.canonicalize() {
            Err(error) if error.kind() == ErrorKind::NotFound => {
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

    /// Once and for all.
    fn back_up(&self, text: &Text) -> Result<(), No> {
        let mut name = self.real.clone().into_os_string();
        name.push(".before-auth");
        let backup = PathBuf::from(name);
        if text.iter().all(u8::is_ascii_whitespace) || backup.symlink_metadata().is_ok() {
            return Ok(());
        }
        match spare(&backup, text)?.persist_noclobber(&backup) {
            Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error.into()),
            _ => Ok(()),
        }
    }
}

/// Why a file stays as it is.
enum No {
    System(std::io::Error),
    Place(&'static str),
    Edit(Error),
}

impl From<std::io::Error> for No {
    fn from(error: std::io::Error) -> Self {
        Self::System(error)
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, No> + Send + 'static,
) -> Result<T, No> {
    let run = tokio::task::spawn_blocking(work).await;
    run.unwrap_or_else(|_| Err(No::System(ErrorKind::Interrupted.into())))
}

/// Runs what takes long on a thread of its own. A panic there is one here.
pub(crate) async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(died) => std::panic::resume_unwind(died.into_panic()),
    }
}

fn text_in(file: &File) -> Result<Text, No> {
    let mut text = Text::default();
    file.take(LONGEST + 1).read_to_end(&mut text)?;
    if text.len() as u64 > LONGEST {
        return Err(No::Place("is too large"));
    }
    Ok(text)
}

/// A file beside `path`, for its owner alone (0600), with all of `text` in it.
fn spare(path: &Path, text: &Text) -> Result<NamedTempFile, No> {
    let directory = path.parent().filter(|parent| *parent != Path::new(""));
    let spare = NamedTempFile::new_in(directory.unwrap_or(Path::new(".")));
    // Its own name says nothing to anybody.
    let mut spare = spare.map_err(|error| std::io::Error::from(error.kind()))?;
    spare.write_all(text)?;
    spare.as_file().sync_all()?;
    Ok(spare)
}

/// Makes a new name in a directory durable, where directories can be synced.
fn sync_parent(path: &Path) -> Result<(), No> {
    let directory = path.parent().filter(|parent| *parent != Path::new(""));
    if cfg!(unix) {
        File::open(directory.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
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

/// Whether the path still leads to this file.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> Result<bool, No> {
    use std::os::unix::fs::MetadataExt;

    let (ours, there) = (file.metadata()?, path.metadata()?);
    Ok((ours.dev(), ours.ino()) == (there.dev(), there.ino()))
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

#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> Result<bool, No> {
    Ok(true)
}

/// No such file is longer.
const LONGEST: u64 = 1 << 20;

/// Several may be in front of us.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
