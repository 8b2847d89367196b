//! A secret's file, which should be its owner's alone.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use auth_core::clock::SystemClock;
use auth_core::session::{FileSecret, Held, Secret};
use auth_core::{BoxFuture, Error, Result};
use secrecy::SecretString;

use super::LIMIT;
use crate::args::looks_like_a_secret;
use crate::literal;
use crate::output::message;
use crate::owner;

/// The secret in a file that nobody else could have written.
#[derive(Debug)]
pub(super) struct PrivateFile(FileSecret);

impl PrivateFile {
    pub(super) fn new(path: impl Into<PathBuf>) -> Self {
        Self(FileSecret::new(path))
    }

    pub(super) fn with_bytes_in_base64(path: impl Into<PathBuf>) -> Self {
        Self(FileSecret::new(path).with_bytes_in_base64())
    }
}

impl Secret for PrivateFile {
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            ensure_private(self.0.path()).await?;
            self.0.reveal(held).await
        })
    }
}

/// The text in a file that nobody else could have written, without the white space around it.
///
/// # Errors
/// `Config` if it can't be read, or if somebody else could have written it; `Unavailable` if it does not
/// come.
pub(crate) async fn file(path: &Path) -> Result<SecretString> {
    let file = PrivateFile::new(path);
    Held::new().reveal(&file, &SystemClock::new()).await
}

/// The start of the file at `path`, whatever is in it: more than [`LIMIT`] bytes are too many for whoever asks.
///
/// # Errors
/// As [`file()`], but for what is in it.
pub(crate) async fn bytes(path: &Path) -> Result<Vec<u8>> {
    use std::io::Read as _;

    ensure_private(path).await?;
    let own = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        let (mut bytes, file) = (Vec::new(), std::fs::File::open(own)?);
        file.take(LIMIT + 1).read_to_end(&mut bytes)?;
        Ok(bytes)
    });
    let bytes: std::io::Result<_> = read
        .await
        .map_err(|_| Error::config("the read of a file was cut off"))?;
    bytes.map_err(|error| {
        Error::config(format!("{} can't be read: {error}", path.display()))
            .with_advice(advice(&error))
    })
}

/// What helps where a file can't be read.
fn advice(error: &std::io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::PermissionDenied => "change its rights, or name another file",
        _ => "name another file",
    }
}

/// Refuses a secret's file that somebody else could have written, and warns of one that others can read.
///
/// # Errors
/// `Config`, also where there is no such file.
pub(crate) async fn ensure_private(path: &Path) -> Result<()> {
    let path = path.to_owned();
    let judged = tokio::task::spawn_blocking(move || {
        let shown = path.display();
        let metadata = path.metadata().map_err(|error| {
            if error.kind() == ErrorKind::NotFound && looks_like_a_secret(&path) {
                return Error::config("what stands where a secret's file is named is no file")
                    .with_advice("if it is the secret itself, pipe it in, or write it into a file of your own");
            }
            let meant = literal::advice(&path).filter(|_| error.kind() == ErrorKind::NotFound);
            Error::config(format!("the file {shown} can't be read: {error}"))
                .with_advice(meant.unwrap_or_else(|| advice(&error)))
        })?;
        if metadata.is_dir() {
            return Err(
                Error::config(format!("{shown} is a directory")).with_advice("name a file in it")
            );
        }
        owner::ensure_private_to_write(&metadata, &path)?;
        if let Some(exposed) = owner::exposure(&metadata, &path) {
            message::warn(&format!("others can read the secret {exposed}"));
        }
        Ok(())
    });
    let unfinished = |_| Error::config("the look at a file was cut off");
    judged.await.map_err(unfinished)?
}
