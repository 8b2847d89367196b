//! [`read`]: a secret alone in a file, read within a bound and never on the runtime's thread.

#![expect(
    clippy::disallowed_methods,
    reason = "store/ owns the calls that block"
)]

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretString};

use crate::error::{Error, Result};

/// No secret is longer.
const LONGEST: u64 = 64 << 10;

/// The text in the file at `path`, without the white space and the byte order mark around it. What is no text comes in
/// base64 where bytes are taken.
///
/// # Errors
/// `Config` if it can't be read, is empty or too long, or is no text.
pub(crate) async fn read(path: &Path, takes_bytes: bool) -> Result<SecretString> {
    let path = path.to_owned();
    let read = tokio::task::spawn_blocking(move || secret(&path, takes_bytes)).await;
    read.unwrap_or_else(|_| Err(Error::config("the reading of a secret's file was cut off")))
}

fn secret(path: &Path, takes_bytes: bool) -> Result<SecretString> {
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
    let read = match text(path) {
        Err(error) if takes_bytes && error.kind() == ErrorKind::InvalidData => {
            bytes(path).map(|bytes| STANDARD.encode(&*bytes).into())
        }
        read => read,
    };
    match read {
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
    let bytes = bytes(path)?;
    let text = str::from_utf8(&bytes).map_err(|_| ErrorKind::InvalidData)?;
    // Some editors put a byte order mark in front.
    let alone = text.trim_start_matches('\u{feff}').trim();
    Ok(alone.to_owned().into())
}

fn bytes(path: &Path) -> std::io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let read = File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    match read as u64 > LONGEST {
        true => Err(ErrorKind::FileTooLarge.into()),
        false => Ok(bytes),
    }
}
