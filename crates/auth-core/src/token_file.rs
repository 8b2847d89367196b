//! [`RefreshTokenFile`]: a refresh token alone in a file, as other programs read and write it too.

#![expect(
    clippy::disallowed_methods,
    reason = "this is the room of the calls that block"
)]

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};
use crate::io::clock::Clock;
use crate::session::Login;
use crate::shared_file::{FileLock, Replacement, failed, is_held, patiently, write_whole};
use crate::store::{SessionKey, StoreLock, TokenStore, small_file};
use crate::token::RefreshToken;

/// A file that holds one refresh token and nothing else: an offline token for a job.
///
/// It is replaced whole or not at all, and durably; where another program keeps it open, so that the system refuses that,
/// it is tried again for some seconds, and then the token is written into it; blocking work runs on tokio's threads for it. Other
/// programs may read it at any time, and a person may put another token into it.
#[derive(Clone, Debug)]
pub struct RefreshTokenFile {
    path: PathBuf,
}

impl RefreshTokenFile {
    /// The file at `path`. Does no I/O.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The account label of the session: the path from the root on, whether anything is there or not. A link
    /// is another path.
    pub(crate) fn label(&self) -> String {
        let absolute = std::path::absolute(&self.path);
        format!(
            "file {}",
            absolute.as_deref().unwrap_or(&self.path).display()
        )
    }

    /// Makes sure that there is no such file yet and that there is room for it, before a token for it is
    /// asked for.
    ///
    /// # Errors
    /// `Config` if it is there already or can't be made.
    pub async fn reserve(&self) -> Result<ReservedTokenFile> {
        let path = self.path.clone();
        blocking(move || {
            if path.symlink_metadata().is_ok() {
                return Err(exists(&path));
            }
            let work = || {
                let mut file = Replacement::beside(&path)?;
                // Sure to hold a token later, also where the disk is full by then.
                file.write(&[b'\n'; ROOM])?;
                Ok(file)
            };
            match work() {
                Ok(file) => Ok(ReservedTokenFile { file, path }),
                Err(error) => Err(failed("make", &path, &error)),
            }
        })
        .await
    }

    /// The token in it now, without the white space and the byte order mark around it.
    ///
    /// # Errors
    /// `Config` if the file can't be read, or holds something else than one token.
    pub async fn read(&self) -> Result<RefreshToken> {
        let path = self.path.clone();
        blocking(move || token_in(&path)).await
    }

    /// Puts `new` in place of `old`; the file keeps its permissions and its owner. False, and nothing done,
    /// if somebody has put another token there since `old` was read: that is another login.
    ///
    /// # Errors
    /// `Config` if the file can't be read, `Store` if it can't be written.
    pub async fn replace(&self, old: &RefreshToken, new: &RefreshToken) -> Result<bool> {
        let (path, old, new) = (self.path.clone(), old.clone(), new.clone());
        blocking(move || {
            let work = || {
                // The file that a link leads to, not the link.
                let path = path.canonicalize()?;
                let before = path.metadata()?;
                if before.permissions().readonly() {
                    return Err(ErrorKind::PermissionDenied.into());
                }
                let mut next = Replacement::beside(&path)?;
                next.write(&line(&new))?;
                next.share_like(&before)?;
                Ok((next, path))
            };
            let failed = |error: std::io::Error| {
                Error::store(format!("can't write {}: {error}", path.display()))
            };
            let (next, real) = work().map_err(failed)?;
            // As late as can be. What is spent must not be lost because somebody else looks at the file, too.
            let there = patiently(&real, || small_file::text(&real));
            if !token_of(&path, there)?.is_same(&old) {
                return Ok(false);
            }
            put(next, &real, &new).map_err(failed)?;
            Ok(true)
        })
        .await
    }

    /// Waits until no other process redeems the token in the file, whatever store it keeps its login in.
    ///
    /// # Errors
    /// `Config` if the file can't be opened, `Unavailable` if another process does not let go.
    pub(crate) async fn lock(&self, clock: &dyn Clock) -> Result<FileLock> {
        FileLock::wait(&self.path, clock).await
    }

    /// Has `store` forget what it keeps of `session` if somebody has put another token into the file
    /// since: that is another login. To be called before a source of the session is used.
    ///
    /// # Errors
    /// `Config` if the file can't be read, `Store`, `Unavailable` if another process does not let go of
    /// the session.
    pub async fn sync(
        &self,
        store: &dyn TokenStore,
        session: &SessionKey,
        clock: &dyn Clock,
    ) -> Result<()> {
        if self.agrees_with(store, session).await? {
            return Ok(());
        }
        let lock = StoreLock::wait(store, session, clock, &|_| {}).await?;
        // Another process may just have replaced both.
        if !self.agrees_with(store, session).await? {
            store.remove(&lock).await?;
        }
        Ok(())
    }

    async fn agrees_with(&self, store: &dyn TokenStore, session: &SessionKey) -> Result<bool> {
        let Some(login) = Login::load(store, session).await? else {
            return Ok(true);
        };
        let token = self.read().await?;
        let kept = login
            .refresh
            .as_ref()
            .is_some_and(|kept| kept.is_same(&token));
        Ok(kept || is_replaced(login.notes.get(REPLACED), &token))
    }
}

/// A file that can be written, and that is not there until it is. Dropping it leaves nothing behind.
#[derive(Debug)]
pub struct ReservedTokenFile {
    file: Replacement,
    path: PathBuf,
}

impl ReservedTokenFile {
    /// Makes the file, with `token` in it, for its owner alone (0600).
    ///
    /// # Errors
    /// `Config` if it is there meanwhile or can't be written.
    pub async fn write(self, token: &RefreshToken) -> Result<()> {
        let (mut file, path, token) = (self.file, self.path, token.clone());
        blocking(move || {
            let written = file.write(&line(&token));
            let made = written.and_then(|()| file.take_free_place(&path));
            made.map_err(|error| match error.kind() {
                ErrorKind::AlreadyExists => exists(&path),
                _ => failed("write", &path, &error),
            })
        })
        .await
    }
}

/// The note with the fingerprint of the token in the file whose successor could be kept in the store only.
pub(crate) const REPLACED: &str = "refresh-token-file-replaced";

/// Whether `note` says that `token` was replaced.
pub(crate) fn is_replaced(note: Option<&SecretString>, token: &RefreshToken) -> bool {
    note.is_some_and(|note| note.expose_secret() == token.fingerprint().name())
}

/// What stands in a file with that token.
fn line(token: &RefreshToken) -> Zeroizing<Vec<u8>> {
    Zeroizing::new([token.expose_secret().as_bytes(), b"\n"].concat())
}

/// Lets `next`, which has `token` in it, take the place of `path`, once no other program keeps that open. Where one does
/// for longer than can be waited for, the token is written into the file: others read that meanwhile, and would lose
/// the login otherwise.
fn put(mut next: Replacement, path: &Path, token: &RefreshToken) -> std::io::Result<()> {
    match patiently(path, || next.take_place(path)) {
        Err(error) if is_held(&error) => {
            let mut file = File::options().write(true).open(path)?;
            write_whole(&mut file, &line(token))
        }
        done => done,
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    let run = tokio::task::spawn_blocking(work).await;
    run.unwrap_or_else(|_| Err(Error::store("the work on a token file was cut off")))
}

fn token_in(path: &Path) -> Result<RefreshToken> {
    token_of(path, small_file::text(path))
}

/// The token that `text` is, which was read from `path`.
fn token_of(path: &Path, text: std::io::Result<SecretString>) -> Result<RefreshToken> {
    let shown = path.display();
    let other = || {
        Error::config(format!("{shown} holds something else than one token"))
            .with_advice("put the refresh token alone into it, as plain text")
    };
    let text = text.map_err(|error| match error.kind() {
        ErrorKind::InvalidData | ErrorKind::FileTooLarge => other(),
        _ => failed("read", path, &error),
    })?;
    match text.expose_secret() {
        "" => Err(Error::config(format!("{shown} holds no token"))
            .with_advice("put a refresh token into it")),
        token => RefreshToken::parse(token).ok_or_else(other),
    }
}

fn exists(path: &Path) -> Error {
    Error::config(format!(
        "{} is there already and is not overwritten",
        path.display()
    ))
    .with_advice("name a file that is not there yet")
}

/// Most tokens are shorter.
const ROOM: usize = 16 << 10;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shared_file::held;

    #[test]
    fn a_token_file_that_another_program_never_lets_go_of_is_written_into() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("token");
        std::fs::write(&path, "a longer one").unwrap();
        let token = RefreshToken::parse("new").unwrap();
        held::hold(&path, u32::MAX);
        put(Replacement::beside(&path).unwrap(), &path, &token).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "new\n");
        // And nothing is left behind.
        assert_eq!(home.path().read_dir().unwrap().count(), 1);
    }
}
