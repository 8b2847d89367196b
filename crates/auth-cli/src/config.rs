//! [`Config`]: which profiles there are, put together from four layers. Flags win over the environment,
//! the environment over the file, the file over what is built in. Services of Destination Earth have more of
//! them: the variables and files that people of `destinepyauth` have.

mod builtin;
mod despauth;
mod document;
mod edit;
mod environment;
mod file;
mod files;
mod habit;
mod nearest;
mod party;
mod profile;
mod settings;
mod unknown;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use auth_core::{Error, Result};

use crate::choice::Choices;

pub(crate) use crate::field::{FIELDS, Field, Kind, LOGIN_PARAMETERS, Shape};
pub(crate) use builtin::Preset;
pub(crate) use edit::Draft;
pub(crate) use environment::variable;
pub(crate) use file::{Place, Said, locate};
pub(crate) use files::Files;
pub(crate) use nearest::is_slip;
pub(crate) use profile::{Profile, authority};
pub(crate) use settings::{Origin, Settings};
pub(crate) use unknown::shown;
pub(crate) use value::{Value, ensure_fits};

/// The profiles of the file and the built-in ones.
#[derive(Debug)]
pub(crate) struct Config {
    files: Files,
    /// Where people keep services of their own, by name.
    services: BTreeMap<String, PathBuf>,
    /// What holds for all services.
    of_services: OnceLock<Result<Settings>>,
    choices: Option<Choices>,
}

impl Config {
    /// Reads the file that `flag`, `AUTH_CONFIG` or the platform's habit names, and those that it includes. Only the file of
    /// the habit may be missing.
    ///
    /// # Errors
    /// `Config`: the file can't be read, or is not safe to trust.
    pub(crate) fn load(flag: Option<&Path>) -> Result<Self> {
        Ok(Self::of(Files::load(locate(flag))?))
    }

    /// The same for whoever is about to write the file: it may be missing wherever it is.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub(crate) fn load_to_change(flag: Option<&Path>) -> Result<Self> {
        let place = locate(flag).map(|place| match place.path.symlink_metadata() {
            Ok(_) => place,
            Err(_) => Place {
                said: Said::Habit,
                ..place
            },
        });
        Ok(Self::of(Files::load(place)?))
    }

    /// What it would be if the text were in the person's own file at `place`.
    pub(crate) fn if_it_said(place: Place, text: &str) -> Self {
        Self::of(Files::of(Some(place), Some(text)))
    }

    fn of(files: Files) -> Self {
        let path = files.place().map(|place| &*place.path);
        Self {
            services: path.map(file::services).unwrap_or_default(),
            files,
            of_services: OnceLock::new(),
            choices: None,
        }
    }

    /// The same, in which what was chosen with `auth switch` wins over the file.
    pub(crate) fn with_choices(self, choices: Choices) -> Self {
        let choices = Some(choices);
        Self { choices, ..self }
    }

    /// Every profile's name, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.files.names().collect();
        names.extend(self.services.keys().map(String::as_str));
        names.extend(Preset::ALL.iter().map(|preset| preset.name()));
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The profile of that name with the environment's and `flags`' settings on top.
    ///
    /// # Errors
    /// `Config`: there is none, or it does not add up.
    pub(crate) fn profile(&self, name: &str, flags: Settings) -> Result<Profile> {
        let account = flags
            .get("account")
            .map(|said| (said.value.clone(), said.origin.clone()));
        let mut profile = self.alone(name, flags)?;
        if profile.kind == Kind::TokenExchange {
            // The login is the subject's, and so is its name.
            let mut of_subject = Settings::default();
            if let Some((value, origin)) = account {
                of_subject.set("account", value, origin);
            }
            profile.subject = self.party(&profile, "subject", of_subject)?;
            profile.actor = self.party(&profile, "actor", Settings::default())?;
        }
        Ok(profile)
    }

    /// The profile itself, without those that it names.
    pub(super) fn alone(&self, name: &str, flags: Settings) -> Result<Profile> {
        let (profile, wrong) = self.judged(name, flags);
        match wrong.into_iter().next() {
            Some(first) => Err(first),
            None => profile.ok_or_else(|| self.unknown(name)),
        }
    }

    /// All that is wrong with the profile of that name, as far as that can be told without using it.
    pub(crate) fn mistakes(&self, name: &str) -> Vec<Error> {
        let (_, mut wrong) = self.judged(name, Settings::default());
        if wrong.is_empty() {
            wrong.extend(self.profile(name, Settings::default()).err());
        }
        wrong
    }

    /// The profile of that name, and all that is wrong with it.
    fn judged(&self, name: &str, flags: Settings) -> (Option<Profile>, Vec<Error>) {
        let own = self.services.get(name);
        let builtin = Preset::named(name);
        let file = match self.files.said(name) {
            Some(Err(wrong)) => return (None, wrong.clone()),
            Some(Ok(settings)) => settings.clone(),
            None => match self.files.lost(name) {
                Some(error) => return (None, vec![error.clone()]),
                None if own.is_none() && builtin.is_none() => {
                    return (None, vec![self.unknown(name)]);
                }
                None => Settings::default(),
            },
        };
        let (mut said, mut wrong) = environment::layer(name, &self.names());
        said.put_over(flags);
        self.put_choice_under(name, &mut said);
        match self.with_base(name, builtin, file, said) {
            Ok(profile) => {
                wrong.extend(profile.mistakes());
                (Some(profile), wrong)
            }
            Err(error) => {
                wrong.push(error);
                (None, wrong)
            }
        }
    }

    /// `said` over the file over what is built in, or what a service's own file says.
    fn with_base(
        &self,
        name: &str,
        builtin: Option<Preset>,
        file: Settings,
        said: Settings,
    ) -> Result<Profile> {
        let named = [&said, &file]
            .into_iter()
            .find(|s| s.get("preset").is_some());
        let preset = match named {
            Some(settings) => {
                let wanted = settings.text("preset").unwrap_or_default();
                Some(self.preset(name, wanted, settings)?)
            }
            None => builtin,
        };
        let mut base = preset.map(Preset::settings).unwrap_or_default();
        if let Some(path) = self.services.get(name) {
            base.put_over(service(path)?);
        }
        Profile::unjudged(name, preset, self.put_together(base, file, said)?)
    }

    /// Which login is meant, where somebody chose one and says no other now.
    fn put_choice_under(&self, name: &str, said: &mut Settings) {
        let chosen = self
            .choices
            .as_ref()
            .filter(|_| said.get("account").is_none());
        if let Some(label) = chosen.and_then(|choices| choices.of(name)) {
            said.set("account", Value::Text(label), Origin::Choice);
        }
    }

    /// The profile of the service that the file at `path` describes, which is called as the file if it has
    /// no `name`. The environment's and `flags`' settings are on top; what is built in is not below.
    ///
    /// # Errors
    /// As [`profile`](Self::profile).
    pub(crate) fn service(
        &self,
        path: &Path,
        name: Option<&str>,
        flags: Settings,
    ) -> Result<Profile> {
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let name = name.or(stem).unwrap_or("service");
        let mut flags = flags;
        self.put_choice_under(name, &mut flags);
        let settings = self.put_together(service(path)?, Settings::default(), flags)?;
        Profile::new(name, None, settings)
    }

    /// `said` over the file over the base, with what holds for services of Destination Earth in between.
    fn put_together(&self, mut base: Settings, file: Settings, said: Settings) -> Result<Settings> {
        let layers = [&said, &file, &base];
        let kind = layers.iter().find_map(|layer| layer.text("kind"));
        // A service account is no person's, and goes to another server than the person's services.
        let is_service = kind.and_then(Kind::parse) == Some(Kind::Desp)
            && layers
                .iter()
                .all(|layer| layer.get("client-secret").is_none());
        let is_traded = layers
            .iter()
            .any(|layer| layer.get("exchange-url").is_some());
        if is_service {
            let of_services = self.of_services.get_or_init(of_services).clone()?;
            base.put_over(despauth::fitting(of_services, is_traded));
        }
        base.put_over(file);
        if is_service {
            base.put_over(despauth::fitting(despauth::layer()?, is_traded));
        }
        base.put_over(said);
        Ok(base)
    }

    /// The files that were read.
    pub(crate) fn files(&self) -> &Files {
        &self.files
    }

    /// The login of the profile that was chosen with `auth switch`.
    pub(crate) fn chosen(&self, name: &str) -> Option<String> {
        self.choices.as_ref()?.of(name)
    }

    /// Whether the file says something about the profile of that name.
    pub(crate) fn is_in_file(&self, name: &str) -> bool {
        self.files.said(name).is_some() || self.services.contains_key(name)
    }

    /// Every environment variable that some profile takes a secret from.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let named = self.files.readable().flat_map(Settings::secret_variables);
        named
            .chain(environment::secret_variables())
            .chain(despauth::secret_variables())
            .collect()
    }
}

/// What the files in a person's home say about all services.
fn of_services() -> Result<Settings> {
    let mut settings = Settings::default();
    for path in despauth::files_of_person() {
        settings.put_under(despauth::read_if_there(&path)?);
    }
    Ok(settings)
}

/// What a file says about one service.
fn service(path: &Path) -> Result<Settings> {
    let mut settings = despauth::read(path)?;
    let kind = Value::Text(Kind::Desp.to_string());
    settings.set("kind", kind, settings.origin("kind"));
    Ok(settings)
}
