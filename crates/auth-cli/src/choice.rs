//! [`Choices`]: which login of a profile somebody chose with `auth switch`, where several are kept.

use std::io::Read;
use std::path::{Path, PathBuf};

use auth_core::shared_file::{Replacement, patiently};
use auth_core::{Error, Result};

use crate::args::Globals;
use crate::output::message;
use crate::{owner, store};

/// The choices, each in a private file of its own beside the tokens: two that are made at once are both whole.
#[derive(Debug)]
pub(crate) struct Choices {
    /// None where nothing is kept.
    directory: Option<PathBuf>,
}

impl Choices {
    /// Those of the store that the flags, the environment or the platform's habit name. Reads nothing yet.
    pub(crate) fn new(globals: &Globals) -> Self {
        Self {
            directory: store::directory(globals),
        }
    }

    /// The name of the login that is chosen for the profile. A file that is damaged, or that others could have written, is
    /// warned of, and counts as none.
    pub(crate) fn of(&self, profile: &str) -> Option<String> {
        let path = self.path(profile)?;
        match read(&path) {
            Ok(label) => label,
            Err(error) => {
                message::warn(&format!("the choice of an account is not taken: {error}"));
                None
            }
        }
    }

    /// The profiles for which one is chosen.
    pub(crate) fn profiles(&self) -> Vec<String> {
        let entries = self.directory.as_deref().map(std::fs::read_dir);
        let entries = entries.into_iter().flatten().flatten();
        let names = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
        let mut profiles: Vec<String> = names
            .filter_map(|name| Some(name.strip_suffix(ENDING)?.to_owned()))
            .collect();
        profiles.sort_unstable();
        profiles
    }

    /// Chooses the login of that name from now on.
    ///
    /// # Errors
    /// `Store` if it can't be kept.
    pub(crate) fn choose(&self, profile: &str, label: &str) -> Result<()> {
        let Some(path) = self.path(profile) else {
            return Err(Error::store("nothing is kept here, so no choice either")
                .with_advice("leave --no-store out, or name a directory with --store"));
        };
        let text = serde_json::to_string(label).unwrap_or_default() + "\n";
        let write = || {
            let mut file = Replacement::beside(&path)?;
            file.write(text.as_bytes())?;
            patiently(&path, || file.take_place(&path))
        };
        write().map_err(|error: std::io::Error| {
            Error::store(format!("{} can't be written: {error}", path.display()))
                .with_advice("name the account with --account or AUTH_ACCOUNT instead")
        })
    }

    /// Chooses none, so that what the profile says holds again. Whether one was chosen.
    ///
    /// # Errors
    /// `Store` if the choice can't be removed.
    pub(crate) fn forget(&self, profile: &str) -> Result<bool> {
        let Some(path) = self.path(profile) else {
            return Ok(false);
        };
        match patiently(&path, || std::fs::remove_file(&path)) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(Error::store(format!(
                "{} can't be removed: {error}",
                path.display()
            ))
            .with_advice("remove it by hand, or name the account with --account or AUTH_ACCOUNT")),
        }
    }

    fn path(&self, profile: &str) -> Option<PathBuf> {
        let directory = self.directory.as_deref()?;
        Some(directory.join(format!("{profile}{ENDING}")))
    }
}

fn read(path: &Path) -> Result<Option<String>> {
    let wrong = |what: &str| {
        Error::store(format!("{} {what}", path.display()))
            .with_advice("choose again with `auth switch`")
    };
    // None also where there is no store, or where something else stands in its place.
    let Ok(metadata) = path.symlink_metadata() else {
        return Ok(None);
    };
    if !metadata.is_file() || metadata.len() > LIMIT {
        return Err(wrong("is no choice of an account"));
    }
    owner::ensure_private_to_write(&metadata, path)?;
    let (mut text, file) = (String::new(), std::fs::File::open(path));
    let read = file.and_then(|file| file.take(LIMIT).read_to_string(&mut text));
    read.map_err(|error| wrong(&format!("can't be read: {error}")))?;
    let label: Result<String, _> = serde_json::from_str(&text);
    match label {
        Ok(label) if !label.is_empty() => Ok(Some(label)),
        _ => Err(wrong("is damaged")),
    }
}

/// How the names of their files end.
const ENDING: &str = ".account";

/// Longer than any name that can be chosen.
const LIMIT: u64 = 16 << 10;
