//! [`Wanted`]: the profile that a person describes.

use std::path::{Path, PathBuf};

use auth_core::shared_file::Replacement;
use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use toml_edit::{InlineTable, Value};

use super::system::{Answer, System};
use crate::command::profiles::add;
use crate::config::{Config, Draft, Origin, Place, Profile, Settings, Value as Setting};
use crate::output::message;
use crate::secret::SecretSource;

/// A profile in the making.
#[derive(Debug)]
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) answers: Vec<(&'static str, Answer)>,
    /// Whether the server took what could be tried of it.
    pub(super) is_tried: bool,
}

impl Wanted {
    /// Of which only the system is known.
    pub(super) fn of(system: &System, name: &str) -> Self {
        let fixed = system.fixed.iter();
        let fixed = fixed.map(|(key, text)| (*key, Answer::Text((*text).to_owned())));
        Self {
            name: name.to_owned(),
            answers: fixed.collect(),
            is_tried: false,
        }
    }

    /// Whether there is nothing to say that the built-in profile does not.
    pub(super) fn is_built_in(&self) -> bool {
        self.answers.is_empty()
    }

    /// The profile, with the secrets that were typed in memory alone.
    ///
    /// # Errors
    /// `Config` if it does not add up.
    pub(super) async fn profile(&self, place: &Place) -> Result<Profile> {
        let mut draft = Draft::open(place).await?;
        draft.add(&self.name, self.keys())?;
        let mut typed = Settings::default();
        for (key, answer) in &self.answers {
            if let Answer::Typed(secret) = answer {
                let given = Setting::Secret(SecretSource::Given(secret.clone()));
                typed.set(key, given, Origin::Flag("auth init"));
            }
        }
        Config::if_it_said(place.clone(), &draft.text()).profile(&self.name, typed)
    }

    /// Writes it, and each secret that was typed into a file of its own beside it. The profile.
    ///
    /// # Errors
    /// `Config` if it can't be written: then nothing is.
    pub(super) async fn write(&mut self, place: &Place) -> Result<Profile> {
        let mut made = Vec::new();
        let written = match self.write_secrets(place, &mut made) {
            Ok(()) => add::write(place, &self.name, self.keys()).await,
            Err(error) => Err(error),
        };
        if written.is_err() {
            for path in &made {
                // What can't be removed is its owner's alone.
                let _ = std::fs::remove_file(path);
            }
        }
        written
    }

    fn keys(&self) -> Vec<(&'static str, Value)> {
        let answers = self.answers.iter();
        let keys = answers.filter_map(|(key, answer)| Some((*key, answer.value()?)));
        keys.collect()
    }

    /// Puts each secret that was typed into a file that nobody has, and says so in its stead.
    fn write_secrets(&mut self, place: &Place, made: &mut Vec<PathBuf>) -> Result<()> {
        let directory = place.path.parent().unwrap_or_else(|| Path::new("."));
        for (key, answer) in &mut self.answers {
            let Answer::Typed(secret) = answer else {
                continue;
            };
            let name = format!("{}.{key}", self.name);
            let path = write_secret(directory, &name, secret)?;
            message::note(&format!(
                "the secret is in {}, for you alone",
                path.display()
            ));
            let mut file = InlineTable::new();
            let name = path.file_name().and_then(|name| name.to_str());
            file.insert("file", name.unwrap_or_default().into());
            made.push(path);
            *answer = Answer::Place(file);
        }
        Ok(())
    }
}

/// Writes a file of that name; with a number behind it, if there is one already.
fn write_secret(directory: &Path, name: &str, secret: &SecretString) -> Result<PathBuf> {
    use std::io::ErrorKind;

    let mut number = 1;
    loop {
        let path = directory.join(match number {
            1 => name.to_owned(),
            more => format!("{name}-{more}"),
        });
        let write = || {
            let mut file = Replacement::beside(&path)?;
            file.write(secret.expose_secret().trim().as_bytes())?;
            file.take_free_place(&path)
        };
        match write() {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(error) => {
                let shown = path.display();
                return Err(Error::config(format!(
                    "{shown} can't be written: {error}; nothing was changed"
                ))
                .with_advice("make room, and run `auth init` again"));
            }
        }
    }
}
