//! [`NetrcFile`]: the file in which many programs look for passwords, shared with everybody's entries.

mod edit;
mod grammar;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use auth_core::clock::Clock;
use auth_core::{Error, RefreshToken, Result};

use self::grammar::{Flaw, Netrc};
use crate::shared_file::{Change, SharedFile, Text};

/// A netrc file, in which a program finds a refresh token as the password for a service's host.
///
/// Entries of others, their order, comments and macros stay as they are, byte for byte. The file is
/// replaced whole or not at all, durably, and belongs to its owner alone (0600) from its birth; one writer
/// at a time, in all processes. Before the first change of a file that was there, a copy is made beside
/// it, `<name>.before-auth`, unless there is nothing in it but entries with the login that is set, as other
/// programs for the same services write them. A link is followed, and stays; a file or link of another user, a file with a
/// second name (hard link), a read-only one, and one that is no netrc are refused and left alone. Blocking
/// work runs on tokio's threads for it.
#[derive(Clone, Debug)]
pub struct NetrcFile(SharedFile);

impl NetrcFile {
    /// The file at `path`. Does no I/O.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(SharedFile::new(path, ""))
    }

    /// The one that programs of the person look into: what the variable `NETRC` says, `.netrc` in their
    /// `home` otherwise, and `_netrc` on Windows. Does no I/O.
    pub fn of_person(variable: Option<&OsStr>, home: &Path) -> Self {
        let usual = if cfg!(windows) { "_netrc" } else { ".netrc" };
        match variable {
            Some(path) if !path.is_empty() => Self::new(path),
            _ => Self::new(home.join(usual)),
        }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// What programs find for `host`: the password of its last entry. The entry `default` is nobody's.
    ///
    /// # Errors
    /// `Config` if the file can't be read or is no netrc.
    pub async fn token(&self, host: &str) -> Result<Option<RefreshToken>> {
        let Some(text) = self.0.read().await? else {
            return Ok(None);
        };
        let netrc = Netrc::parse(&text).map_err(|flaw| self.bad(flaw))?;
        let entries = netrc.entries.iter().rev();
        let mut ours = entries.filter(|entry| entry.is_exactly_of(&text, host));
        let word = ours.next().and_then(|entry| entry.passwords.last());
        Ok(word.map(|word| RefreshToken::new(word.text(&text))))
    }

    /// Makes `login` and `token` what programs find for `host`, whatever stood there. Of several entries
    /// for the host one is left, since programs differ in which of them they take; a new one stands before
    /// `default`.
    ///
    /// # Errors
    /// `Config` if the file can't be read or written or is no netrc, and for what can't stand in one;
    /// `Unavailable` if another process does not let go of it.
    pub async fn set(
        &self,
        host: &str,
        login: &str,
        token: &RefreshToken,
        clock: &dyn Clock,
    ) -> Result<()> {
        let (file, host) = (self.clone(), host.to_owned());
        let (login, token) = (login.to_owned(), token.clone());
        let edit = move |text: &[u8]| {
            let after = edit::set(text, &host, &login, token.expose_secret());
            let after = after.map_err(|flaw| file.bad(flaw))?;
            Ok(Some(match edit::is_all_of(text, &login) {
                true => Change::of_ours(after),
                false => Change::among_others(after),
            }))
        };
        self.0.change(clock, edit).await.map(|_| ())
    }

    /// Puts `new` in place of the password for `host` where it is `ours`. False, and nothing done, where
    /// it is not: then somebody has put another one there.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn replace(
        &self,
        host: &str,
        ours: impl Fn(&RefreshToken) -> bool + Send + Sync + 'static,
        new: &RefreshToken,
        clock: &dyn Clock,
    ) -> Result<bool> {
        let (file, host, new) = (self.clone(), host.to_owned(), new.clone());
        let edit = move |text: &[u8]| {
            let after = edit::replace(text, &host, &ours, new.expose_secret());
            let after = after.map_err(|flaw| file.bad(flaw))?;
            Ok(after.map(Change::of_ours))
        };
        self.0.change(clock, edit).await
    }

    /// Takes the entries for `host` out whose password is `ours`; a file in which nothing is left goes.
    /// False, and nothing done, where there is none.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn remove(
        &self,
        host: &str,
        ours: impl Fn(&RefreshToken) -> bool + Send + Sync + 'static,
        clock: &dyn Clock,
    ) -> Result<bool> {
        let (file, host) = (self.clone(), host.to_owned());
        let edit = move |text: &[u8]| {
            let after = edit::remove(text, &host, &ours).map_err(|flaw| file.bad(flaw))?;
            Ok(after.map(Change::of_ours))
        };
        self.0.change(clock, edit).await
    }

    /// Never with a word of the file, which may be a password.
    fn bad(&self, flaw: Flaw) -> Error {
        let shown = self.path().display();
        match flaw {
            Flaw::Line(line, why) => {
                Error::config(format!("{shown} is no netrc file: {why} in line {line}"))
                    .with_advice("mend that line, or name another file in NETRC")
            }
            Flaw::Value(what) => Error::config(format!(
                "a {what} with control characters fits no netrc file"
            ))
            .with_advice("log in again, or report it"),
        }
    }
}
