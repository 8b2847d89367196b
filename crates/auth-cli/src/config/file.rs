//! The configuration file: where it is, and whether it may be trusted.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use auth_core::{Error, Result};
use etcetera::BaseStrategy;

use crate::owner;

/// Where the file is, and whether it may be missing.
#[derive(Debug)]
pub(super) enum Place {
    /// Somebody named it.
    Named(PathBuf),
    /// The platform's habit.
    Usual(PathBuf),
}

impl Place {
    pub(super) fn into_path(self) -> PathBuf {
        match self {
            Self::Named(path) | Self::Usual(path) => path,
        }
    }
}

/// The file that the flag, the environment or the platform names.
pub(super) fn locate(flag: Option<&Path>) -> Option<Place> {
    if let Some(path) = flag {
        return Some(Place::Named(path.to_owned()));
    }
    if let Some(path) = crate::variables::os("AUTH_CONFIG").filter(|path| !path.is_empty()) {
        return Some(Place::Named(path.into()));
    }
    // `%APPDATA%` on Windows; everywhere else `~/.config`, where the programs around us have theirs on macOS, too.
    let habits = etcetera::base_strategy::choose_base_strategy().ok()?;
    Some(Place::Usual(habits.config_dir().join("auth/config.toml")))
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
    let (Place::Named(path) | Place::Usual(path)) = place;
    let shown = path.display();
    let mut file = match std::fs::File::open(path) {
        Ok(file) => file,
        Err(error) if matches!(place, Place::Usual(_)) && is_absent(&error) => return Ok(None),
        Err(error) => {
            return Err(
                Error::config(format!("{shown} can't be read: {error}")).with_advice(
                    match crate::variables::os("AUTH_EMULATOR_PID") {
                        Some(_) => {
                            "if the emulator has ended, its variables are still set: eval \"$(auth emulator --stop)\""
                        }
                        None => {
                            "check the path that --config, AUTH_CONFIG or the home directory names"
                        }
                    },
                ),
            );
        }
    };
    let unreadable = |error| Error::config(format!("{shown} can't be read: {error}"));
    owner::ensure_private_to_write(&file.metadata().map_err(unreadable)?, path)?;
    let mut text = String::new();
    let size = file.by_ref().take(LIMIT + 1).read_to_string(&mut text);
    match size {
        Ok(size) if size as u64 <= LIMIT => Ok(Some(text)),
        Ok(_) => Err(Error::config(format!(
            "{shown} is longer than {LIMIT} bytes"
        ))),
        Err(error) => Err(unreadable(error)),
    }
}

/// Whether there is no such file: also where something else stands in place of a directory, or where
/// we may not even look.
fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

/// A megabyte: nobody writes a longer one by hand.
const LIMIT: u64 = 1 << 20;
