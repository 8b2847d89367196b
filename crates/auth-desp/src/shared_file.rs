//! [`SharedFile`]: a small file of other programs that we put something into.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the room of the calls that block"
)]

mod lock;
mod place;
mod spare;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use auth_core::clock::Clock;
use auth_core::{Error, Result};
use secrecy::zeroize::Zeroizing;

use self::lock::Lock;
use self::place::Place;
use self::spare::{persist, spare, sync_parent};

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
        let (mut end, mut before) = (clock.now().monotonic + PATIENCE, None);
        loop {
            let (file, edit) = (self.clone(), edit.clone());
            let look = move || Ok((file.attempt(&*edit)?, file.changed()));
            match blocking(look).await {
                Ok((Some(done), _)) => return Ok(done),
                // Whoever is in front of us gets on.
                Ok((None, now)) if before != now => {
                    (end, before) = (clock.now().monotonic + PATIENCE, now);
                    clock.sleep(PAUSE).await;
                }
                Err(No::Edit(error)) => return Err(error),
                // Another program looks at it, as virus scanners do.
                Err(no) if no.is_busy() && clock.now().monotonic < end => clock.sleep(PAUSE).await,
                Err(no) if !no.is_gone() => return Err(self.bad("write", &no)),
                _ if clock.now().monotonic < end => clock.sleep(PAUSE).await,
                _ => {
                    return Err(Error::unavailable(format!(
                        "another process writes {} and does not let go of it",
                        self.path.display()
                    ))
                    .with_advice("try again, or end that process"));
                }
            }
        }
    }

    /// When somebody has last changed it.
    fn changed(&self) -> Option<SystemTime> {
        self.path.metadata().ok()?.modified().ok()
    }

    /// `None`: somebody else has it, or was faster.
    fn attempt(&self, edit: &dyn Fn(&[u8]) -> Result<Option<Change>>) -> Result<Option<bool>, No> {
        // Elsewhere the file itself is locked. Here whoever waits must not have it open.
        #[cfg(windows)]
        let Some(_first) = Lock::attempt(&self.path)? else {
            return Ok(None);
        };
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
        let _lock = match Lock::attempt(&place.real)? {
            None if !cfg!(windows) || place.is_link => return Ok(None),
            // Or it is the first.
            lock => lock,
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
        let spare = spare(&place.real, &change.text)?;
        // As late as can be: who replaces the file without a lock of ours was faster.
        if text_in(&File::open(&place.real)?)? != text {
            return Ok(None);
        }
        // Before the lock goes: who waits for it must not find the old name.
        let is_over = *change.text == self.empty.as_bytes() && !place.is_link;
        // On Windows a file keeps its name while somebody reads it: there must be nothing in it.
        if cfg!(windows) || !is_over {
            persist(spare, &place.real)?;
        }
        if is_over {
            let removed = std::fs::remove_file(&place.real);
            if !cfg!(windows) {
                removed?;
            }
        }
        sync_parent(&place.real)?;
        Ok(Some(true))
    }

    /// Makes the file, with this text in it.
    ///
    /// # Errors
    /// `Config` if there is one, or none can be made.
    pub(crate) async fn make(&self, text: String) -> Result<()> {
        let path = self.path.clone();
        let make = move || {
            let spare = spare(&path, &Zeroizing::new(text.into_bytes()))?;
            spare
                .persist_noclobber(&path)
                .map_err(|error| error.error)?;
            Ok(())
        };
        blocking(make).await.map_err(|no| self.bad("make", &no))
    }

    fn bad(&self, what: &str, no: &No) -> Error {
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
            No::Edit(error) => error.clone(),
        }
    }
}

/// Why a file stays as it is.
enum No {
    System(std::io::Error),
    Place(&'static str),
    Edit(Error),
}

impl No {
    /// Whether somebody else has just taken the file away.
    fn is_gone(&self) -> bool {
        matches!(self, Self::System(error) if error.kind() == ErrorKind::NotFound)
    }

    /// Whether another program has the file open, on systems where that is in the way (`ERROR_ACCESS_DENIED`,
    /// `ERROR_SHARING_VIOLATION`).
    fn is_busy(&self) -> bool {
        let codes = [Some(5), Some(32)];
        cfg!(windows)
            && matches!(self, Self::System(error) if codes.contains(&error.raw_os_error()))
    }
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
    match spare(&backup, text)?.persist_noclobber(&backup) {
        Err(error) if error.error.kind() != ErrorKind::AlreadyExists => Err(error.error.into()),
        _ => Ok(()),
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

/// No such file is longer.
const LONGEST: u64 = 1 << 20;

/// Several may be in front of us.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(20);
