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
    let read = tokio::task::spawn_blocking(move || text(&path)).await;
    read.unwrap_or_else(|_| Err(Error::config("the reading of a secret's file was cut off")))
}

fn text(path: &Path) -> Result<SecretString> {
    let shown = path.display();
    let fail = |error: std::io::Error| {
        Error::config(format!("the secret's file {shown} can't be read: {error}"))
            .with_advice("name another file, or change its rights")
    };
    let file = File::open(path).map_err(fail)?;
    if file.metadata().is_ok_and(|metadata| metadata.is_dir()) {
        return Err(fail(ErrorKind::IsADirectory.into()));
    }
    let mut text = String::new();
    let read = file.take(LONGEST + 1).read_to_string(&mut text);
    let text = SecretString::from(text);
    let other = |what: &str| {
        Error::config(format!("the secret's file {shown} {what}"))
            .with_advice("put the secret alone into it, as plain text")
    };
    match read {
        Err(error) if error.kind() == ErrorKind::InvalidData => {
            return Err(other("holds no text in UTF-8"));
        }
        Err(error) => return Err(fail(error)),
        Ok(length) if length as u64 > LONGEST => return Err(other("is too long for a secret")),
        Ok(_) => {}
    }
    // Some editors put a byte order mark in front.
    match text.expose_secret().trim_start_matches('\u{feff}').trim() {
        "" => Err(other("is empty")),
        text => Ok(text.to_owned().into()),
    }
}
