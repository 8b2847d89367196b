//! [`read`]: a secret alone in a file, read within a bound and never on the runtime's thread.

#![expect(
    clippy::disallowed_methods,
    reason = "store/ owns the calls that block"
)]

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};

/// No secret is longer.
const LONGEST: u64 = 64 << 10;

/// The text in the file at `path`, without the white space and the byte order mark around it.
///
/// # Errors
/// `Config` if it can't be read, is empty or too long, or is no text.
pub(crate) async fn read(path: &Path) -> Result<SecretString> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || secret(&path)).await;
    read.unwrap_or_else(|_| Err(Error::config("the reading of a secret's file was cut off")))
}

fn secret(path: &Path) -> Result<SecretString> {
    let shown = path.display();
    let fail = |error: std::io::Error| {
        Error::config(format!("the secret's file {shown} can't be read: {error}"))
            .with_advice("name another file, or change its rights")
    };
    let other = |what: &str| {
        Error::config(format!("the secret's file {shown} {what}"))
            .with_advice("put the secret alone into it, as plain text")
    };
    if path.is_dir() {
        return Err(fail(ErrorKind::IsADirectory.into()));
    }
    match text(path) {
        Ok(text) if text.expose_secret().is_empty() => Err(other("is empty")),
        Ok(text) => Ok(text),
        Err(error) => Err(match error.kind() {
            ErrorKind::InvalidData => other("holds no text in UTF-8"),
            ErrorKind::FileTooLarge => other("is too long for a secret"),
            _ => fail(error),
        }),
    }
}

/// The text in a file, without the white space and the byte order mark around it. Blocks.
///
/// # Errors
/// Those of the system; `InvalidData` for what is no text, `FileTooLarge` for more than 64 KiB.
pub(crate) fn text(path: &Path) -> std::io::Result<SecretString> {
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_string(&mut text));
    let text = SecretString::from(text);
    if read? as u64 > LONGEST {
        return Err(ErrorKind::FileTooLarge.into());
    }
    // Some editors put a byte order mark in front.
    let alone = text.expose_secret().trim_start_matches('\u{feff}').trim();
    Ok(alone.to_owned().into())
}
