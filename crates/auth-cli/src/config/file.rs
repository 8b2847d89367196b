//! The configuration file: where it is, and whether it may be trusted.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use auth_core::{Error, Result};
use etcetera::BaseStrategy;

use crate::{literal, owner};

/// Where the file is, and who says so.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) path: PathBuf,
    pub(crate) said: Said,
}

/// Who says where the file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    Flag,
    Variable,
    /// The platform's habit: there need be no such file.
    Habit,
}

impl fmt::Display for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Flag => "--config",
            Self::Variable => "AUTH_CONFIG",
            Self::Habit => "the usual place",
        })
    }
}

/// The file that the flag, the environment or the platform names. `None` without a home directory.
pub(crate) fn locate(flag: Option<&Path>) -> Option<Place> {
    let at = |path, said| Some(Place { path, said });
    if let Some(path) = flag {
        return at(path.to_owned(), Said::Flag);
    }
    if let Some(path) = crate::variables::os("AUTH_CONFIG").filter(|path| !path.is_empty()) {
        return at(path.into(), Said::Variable);
    }
    // `%APPDATA%` on Windows; everywhere else `~/.config`, where the programs around us have theirs on macOS, too.
    let habits = etcetera::base_strategy::choose_base_strategy().ok()?;
    at(habits.config_dir().join("auth/config.toml"), Said::Habit)
}

/// The files of services of Destination Earth in `auth/desp`, beside the configuration file, by their stems.
pub(super) fn services(configuration: &Path) -> BTreeMap<String, PathBuf> {
    let directory = configuration.with_file_name("desp");
    let Ok(entries) = std::fs::read_dir(directory) else {
        return BTreeMap::new();
    };
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_ours = |path: &PathBuf| {
        let ending = path.extension().and_then(|ending| ending.to_str());
        ending.is_some_and(|ending| ["yaml", "yml", "json"].contains(&ending))
    };
    let name = |path: PathBuf| Some((path.file_stem()?.to_str()?.to_owned(), path));
    paths.filter(is_ours).filter_map(name).collect()
}

/// The text of the file, or `None` if it may be missing and is.
pub(super) fn read(place: &Place) -> Result<Option<String>> {
    if place.said == Said::Habit
        && let Err(error) = place.path.metadata()
        && is_absent(&error)
    {
        return Ok(None);
    }
    let text = read_at(&place.path).map_err(|error| match error.advice() {
        Some(_) => error,
        None => error.with_advice(match crate::variables::os("AUTH_EMULATOR_PID") {
            Some(_) if place.said == Said::Variable => {
                "if the emulator has ended, its variables are still set: eval \"$(auth emulator --stop)\""
            }
            _ => "check the path that --config, AUTH_CONFIG or the home directory names",
        }),
    });
    text.map(Some)
}

/// The text of a file of profiles.
///
/// # Errors
/// `Config` if it can't be read, if others could have written it, or if it is too long.
pub(super) fn read_at(path: &Path) -> Result<String> {
    let shown = path.display();
    let unreadable = |error| {
        let error = Error::config(format!("{shown} can't be read: {error}"));
        match literal::advice(path) {
            Some(advice) => error.with_advice(advice),
            None => error,
        }
    };
    // Asked first: Windows opens no directory.
    if path.is_dir() {
        return Err(Error::config(format!("{shown} is a directory"))
            .with_advice("name a file of profiles, such as config.toml"));
    }
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let about = file.metadata().map_err(unreadable)?;
    owner::ensure_private_to_write(&about, path)?;
    let mut bytes = Vec::new();
    let limited = file.by_ref().take(LIMIT + 1);
    let size = { limited }.read_to_end(&mut bytes).map_err(unreadable)?;
    if size as u64 > LIMIT && !bytes.starts_with(b"\0") {
        return Err(
            Error::config(format!("{shown} is longer than {LIMIT} bytes"))
                .with_advice("name a file of profiles"),
        );
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        no_text(path, error.as_bytes(), good)
    })?;
    match text.find('\0') {
        Some(good) => Err(no_text(path, text.as_bytes(), good)),
        None => Ok(text),
    }
}

/// The error for what is text up to `good`.
fn no_text(path: &Path, bytes: &[u8], good: usize) -> Error {
    // UTF-16 has a mark at its start, or a zero beside most letters.
    let zeros = bytes.iter().filter(|byte| **byte == 0).count();
    if good == 0 || zeros > bytes.len() / 4 {
        return Error::config(format!("{} is no text in UTF-8", path.display())).with_advice(
            "save it as UTF-8; what PowerShell writes is UTF-16 unless `-Encoding utf8` is given",
        );
    }
    let before = bytes.get(..good).unwrap_or_default();
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let what = match bytes.get(good) {
        Some(0) => "has a NUL character in it",
        _ => "is no text in UTF-8",
    };
    Error::config(format!("{}:{line}: this line {what}", path.display()))
        .with_advice("type it anew, and save the file as UTF-8")
}

/// Whether there is no such file: also where something else stands in place of a directory, or where
/// we may not even look.
fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// A megabyte: nobody writes a longer one by hand.
const LIMIT: u64 = 1 << 20;
