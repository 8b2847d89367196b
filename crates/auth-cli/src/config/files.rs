//! [`Files`]: what a person's own file says, and the files of others that it includes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use auth_core::{Error, Result};

use super::document::{self, Layers, Said};
use super::file::{self, Place};
use crate::config::{Origin, Preset, Settings};

/// The profiles in files. What is nearer to the person wins, key by key: their own file over those that it includes, and of
/// these the first that says something.
#[derive(Debug, Default)]
pub(crate) struct Files {
    /// The file that was read, or where it would be.
    place: Option<Place>,
    paths: Vec<PathBuf>,
    profiles: BTreeMap<String, Said>,
    /// What is wrong beyond single profiles.
    problems: Vec<Error>,
    /// The texts in which something is: they may say more than could be read.
    broken: String,
}

impl Files {
    /// Reads the file at `place`, and those that it includes. Only one at the place of the habit may be missing.
    ///
    /// # Errors
    /// `Config`: the file can't be read, or is not safe to trust.
    pub(super) fn load(place: Option<Place>) -> Result<Self> {
        let text = match &place {
            Some(place) => file::read(place)?,
            None => None,
        };
        Ok(Self::of(place, text.as_deref()))
    }

    /// What the person's own file at `place` says, and those that it includes.
    pub(super) fn of(place: Option<Place>, text: Option<&str>) -> Self {
        let path = place.as_ref().map(|place| place.path.clone());
        let mut files = Self {
            place,
            ..Self::default()
        };
        if let Some((path, text)) = path.zip(text) {
            let included = files.add(path, text);
            files.include(included);
        }
        files
    }

    /// The names of the profiles in them.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.profiles.keys().map(String::as_str)
    }

    /// What they say of the profile, or all that is wrong with that.
    pub(super) fn said(&self, name: &str) -> Option<&Said> {
        self.profiles.get(name)
    }

    /// What could be read.
    pub(super) fn readable(&self) -> impl Iterator<Item = &Settings> {
        self.profiles.values().filter_map(|said| said.as_ref().ok())
    }

    /// Why the profile may be what could not be read of a broken file.
    pub(super) fn lost(&self, name: &str) -> Option<&Error> {
        let may_be = Preset::named(name).is_none() || self.broken.contains(name);
        self.problems.first().filter(|_| may_be)
    }

    /// What is wrong with them beyond single profiles.
    pub(crate) fn problems(&self) -> &[Error] {
        &self.problems
    }

    /// The person's own file, and who says so; it may be missing.
    pub(crate) fn place(&self) -> Option<&Place> {
        self.place.as_ref()
    }

    /// The files that were read, the person's own first.
    pub(crate) fn paths(&self) -> &[PathBuf] {
        &self.paths
    }

    /// Takes what the file at `path` says, under what others said before. The files that it includes.
    fn add(&mut self, path: PathBuf, text: &str) -> Vec<(PathBuf, Origin)> {
        let Layers {
            profiles,
            problems,
            includes,
        } = document::parse(&path, text);
        for (name, said) in profiles {
            match (self.profiles.get_mut(&name), said) {
                (None, said) => drop(self.profiles.insert(name, said)),
                (Some(Ok(nearer)), Ok(settings)) => nearer.put_under(settings),
                // Without what is broken it would be another profile.
                (Some(said @ Ok(_)), Err(wrong)) => *said = Err(wrong),
                (Some(Err(nearer)), Err(wrong)) => nearer.extend(wrong),
                (Some(Err(_)), Ok(_)) => {}
            }
        }
        if !problems.is_empty() {
            self.broken.push_str(text);
        }
        self.problems.extend(problems);
        if !self.paths.contains(&path) {
            self.paths.push(path);
        }
        includes
    }

    /// Takes what the files of others say. One that can't be read breaks nothing but what it would have said.
    fn include(&mut self, included: Vec<(PathBuf, Origin)>) {
        for (path, origin) in included {
            // A pipe that nobody writes into would keep every command waiting.
            let is_file = path.metadata().map_or(true, |data| data.is_file());
            let read = match is_file {
                true => file::read_at(&path),
                false => Err(Error::config(format!("{} is no file", path.display()))
                    .with_advice("name a file of profiles")),
            };
            match read {
                Ok(text) => {
                    for (_, origin) in self.add(path, &text) {
                        let what = format!("{origin}: a file that is included includes no others");
                        let error = Error::config(what);
                        let advice = "name all of them in your own file";
                        self.problems.push(error.with_advice(advice));
                    }
                }
                Err(error) => {
                    let error = match error.advice() {
                        Some(_) => error,
                        None => error.with_advice("correct the path, or take it out of the list"),
                    };
                    self.problems.push(error.context(origin));
                }
            }
        }
    }
}
