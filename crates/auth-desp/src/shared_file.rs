//! [`SharedFile`]: a small file of other programs that we put something into.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the room of the calls that block"
)]

mod place;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use auth_core::clock::Clock;
use auth_core::shared_file::{FileLock, Replacement, in_turn, patiently, remove};
use auth_core::{Error, Result};
use secrecy::zeroize::Zeroizing;

use self::place::Place;

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
    /// Whether the file is copied first, if it never was.
    is_copied: bool,
}

impl Change {
    /// A text for a file in which somebody else's things may be.
    pub(crate) fn among_others(text: Text) -> Self {
        let is_copied = true;
        Self { text, is_copied }
    }

    /// A text that differs from the one before in what we put there ourselves.
    pub(crate) fn of_ours(text: Text) -> Self {
        let is_copied = false;
        Self { text, is_copied }
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
        .map_err(|no| self.bad("read", no))
    }

    /// Makes the change that `edit` finds for what is in the file now, alone among all processes. False
    /// if it finds none. It may be asked again, when somebody else was faster.
    pub(crate) async fn change(
        &self,
        clock: &dyn Clock,
        edit: impl Fn(&[u8]) -> Result<Option<Change>> + Send + Sync + 'static,
    ) -> Result<bool> {
        let file = self.clone();
        let attempt = move || {
            // Another program looks at it, as virus scanners do.
            let done = patiently(&file.path, || match file.attempt(&edit) {
                Err(No::System(error)) => Err(error),
                done => Ok(done),
            });
            done.unwrap_or_else(|error| match error.kind() {
                // Somebody else has just taken the file away.
                ErrorKind::NotFound => Ok(None),
                _ => Err(No::System(error)),
            })
            .map_err(|no| file.bad("write", no))
        };
        in_turn(&self.path, clock, attempt).await
    }

    /// `None`: somebody else has it, or was faster.
    fn attempt(&self, edit: &dyn Fn(&[u8]) -> Result<Option<Change>>) -> Result<Option<bool>, No> {
        let folder = self.folder_lock()?;
        if matches!(folder, Some(None)) {
            return Ok(None);
        }
        let Some(place) = Place::find(&self.path)? else {
            let Some(change) = edit(&[]).map_err(No::Edit)? else {
                return Ok(Some(false));
            };
            let made = next(&self.path, &change.text)?.take_free_place(&self.path);
            return match made {
                Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(None),
                made => Ok(made.map(|()| Some(true))?),
            };
        };
        let Some(_lock) = FileLock::attempt(&place.real)? else {
            return Ok(None);
        };
        let text = text_in(&File::open(&place.real)?)?;
        let Some(change) = edit(&text).map_err(No::Edit)? else {
            return Ok(Some(false));
        };
        if change.text == text && place.is_private {
            return Ok(Some(true));
        }
        if change.is_copied {
            back_up(&place.real, &text)?;
        }
        let mut next = next(&place.real, &change.text)?;
        // As late as can be: who replaces the file without a lock of ours was faster.
        if text_in(&File::open(&place.real)?)? != text {
            return Ok(None);
        }
        // Before the lock goes: who waits for it must not find the old name.
        let is_over = *change.text == self.empty.as_bytes() && !place.is_link;
        // On Windows a file keeps its name while somebody reads it: there must be nothing in it.
        if cfg!(windows) || !is_over {
            next.take_place(&place.real)?;
        }
        if is_over {
            let removed = remove(&place.real);
            if !cfg!(windows) {
                removed?;
            }
        }
        Ok(Some(true))
    }

    /// On Windows nobody can replace a file that those who wait for its lock look at, and whoever makes a file has no lock
    /// on it: there the folder is locked, too. `Some(None)`: somebody else has it.
    fn folder_lock(&self) -> Result<Option<Option<FileLock>>, No> {
        if !cfg!(windows) {
            return Ok(None);
        }
        let folder = self.path.parent().filter(|path| *path != Path::new(""));
        match FileLock::attempt(folder.unwrap_or_else(|| Path::new("."))) {
            Err(error) if error.kind() == ErrorKind::NotFound => Err(No::Place(NO_FOLDER)),
            lock => Ok(Some(lock?)),
        }
    }

    /// Makes the file, with this text in it.
    ///
    /// # Errors
    /// `Config` if there is one, or none can be made.
    pub(crate) async fn make(&self, text: String) -> Result<()> {
        let path = self.path.clone();
        let make = move || {
            let next = next(&path, &Zeroizing::new(text.into_bytes()))?;
            Ok(next.take_free_place(&path)?)
        };
        blocking(make).await.map_err(|no| self.bad("make", no))
    }

    fn bad(&self, what: &str, no: No) -> Error {
        let shown = self.path.display();
        let advice = |rights_help: bool| match rights_help {
            true => "change its rights, or name another file",
            false => "name another file",
        };
        match no {
            No::System(error) => Error::config(format!("can't {what} {shown}: {error}"))
                .with_advice(advice(error.kind() == ErrorKind::PermissionDenied)),
            No::Place(why) => Error::config(format!("{shown} {why}, and is left alone"))
                .with_advice(advice(why.contains("read-only"))),
            No::Edit(error) => error,
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

/// Keeps a copy of what was there, once and for all.
fn back_up(real: &Path, text: &Text) -> Result<(), No> {
    let mut name = real.to_owned().into_os_string();
    name.push(".before-auth");
    let backup = PathBuf::from(name);
    if text.iter().all(u8::is_ascii_whitespace) || backup.symlink_metadata().is_ok() {
        return Ok(());
    }
    match next(&backup, text)?.take_free_place(&backup) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        made => Ok(made?),
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
        Err(died) => match died.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // The runtime is gone, and whoever waits goes with it.
            Err(_) => std::future::pending().await,
        },
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

/// What takes the place of `path`, with all of `text` in it.
fn next(path: &Path, text: &Text) -> Result<Replacement, No> {
    let mut next = Replacement::beside(path).map_err(|error| match error.kind() {
        ErrorKind::NotFound => No::Place(NO_FOLDER),
        _ => No::System(error),
    })?;
    next.write(text)?;
    Ok(next)
}

const NO_FOLDER: &str = "lies in a folder that is not there";
/// No such file is longer.
const LONGEST: u64 = 1 << 20;
