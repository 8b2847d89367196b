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
    read.unwrap_or_else(|_| Err(Error::config("the reading of a file was cut off")))
}

fn secret(path: &Path, takes_bytes: bool) -> Result<SecretString> {
    let shown = path.display();
    let fail = |error: std::io::Error| {
        let advice = match error.kind() {
            ErrorKind::PermissionDenied => "change its rights, or name another file",
            _ => "name another file",
        };
        Error::config(format!("the file {shown} can't be read: {error}")).with_advice(advice)
    };
    let other = |what: &str| {
        Error::config(format!("the file {shown} {what}"))
            .with_advice("put the secret or token alone into it, as plain text")
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
            ErrorKind::InvalidData => other("holds no text in UTF-8 or UTF-16"),
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
    alone(&bytes).ok_or_else(|| ErrorKind::InvalidData.into())
}

/// The secret that `bytes` hold, without the white space and the byte order mark around it: UTF-8, or UTF-16 as
/// PowerShell writes it, with a mark or where every other byte is zero. `None` if they are no text.
pub(crate) fn alone(bytes: &[u8]) -> Option<SecretString> {
    let text = match bytes {
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes)?,
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes)?,
        [_, 0, _, 0, ..] | [_, 0] => wide(bytes, u16::from_le_bytes)?,
        [0, _, 0, _, ..] | [0, _] => wide(bytes, u16::from_be_bytes)?,
        // Some editors put a byte order mark in front.
        _ => String::from_utf8(bytes.to_vec()).ok()?,
    };
    let text = Zeroizing::new(text);
    let alone = text.trim_start_matches('\u{feff}').trim();
    Some(alone.to_owned().into())
}

fn wide(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units: Vec<u16> = pairs.iter().map(|pair| unit(*pair)).collect();
    rest.is_empty().then(|| String::from_utf16(&units).ok())?
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_the_same_in_whatever_way_its_file_was_written() {
        let units = |text: &str| text.encode_utf16().collect::<Vec<_>>();
        let little: Vec<u8> = units("s é\r\n")
            .iter()
            .flat_map(|unit| unit.to_le_bytes())
            .collect();
        let big: Vec<u8> = units("s é\r\n")
            .iter()
            .flat_map(|unit| unit.to_be_bytes())
            .collect();
        let plain: Vec<u8> = units("s x")
            .iter()
            .flat_map(|unit| unit.to_le_bytes())
            .collect();
        for (bytes, text) in [
            ("s é\n".as_bytes().to_vec(), "s é"),
            ("\u{feff} s é\r\n".as_bytes().to_vec(), "s é"),
            ([&[0xff, 0xfe][..], &little].concat(), "s é"),
            ([&[0xfe, 0xff][..], &big].concat(), "s é"),
            (plain, "s x"),
            (Vec::new(), ""),
        ] {
            assert_eq!(alone(&bytes).unwrap().expose_secret(), text, "{bytes:?}");
        }
        for bytes in [&b"\xff"[..], b"\xff\xfea", b"a\xffb"] {
            assert!(alone(bytes).is_none(), "{bytes:?}");
        }
    }
}
