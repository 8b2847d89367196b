//! [`Config`]: which profiles there are, put together from four layers. Flags win over the environment,
//! the environment over the file, the file over what is built in. Services of Destination Earth have more of
//! them: the variables and files that people of `destinepyauth` have.

mod builtin;
mod despauth;
mod document;
mod environment;
mod field;
mod file;
mod kind;
mod nearest;
mod profile;
mod settings;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use url::Url;

pub(crate) use builtin::Preset;
pub(crate) use environment::variable;
#[cfg(test)]
pub(crate) use field::FIELDS;
pub(crate) use field::{Field, LOGIN_PARAMETERS, Shape};
pub(crate) use kind::Kind;
pub(crate) use nearest::is_slip;
pub(crate) use profile::Profile;
pub(crate) use settings::{Origin, Settings};
pub(crate) use value::Value;

/// The profiles of the file and the built-in ones.
#[derive(Debug)]
pub(crate) struct Config {
    /// The file that was read, or where it would be.
    path: Option<PathBuf>,
    found: bool,
    layers: BTreeMap<String, Result<Settings>>,
    /// What is wrong with the file beyond single profiles, and its text, which may say more than could be read.
    problem: Option<(Error, String)>,
    /// Where people keep services of their own, by name.
    services: BTreeMap<String, PathBuf>,
    /// What holds for all services.
    of_services: OnceLock<Result<Settings>>,
}

impl Config {
    /// Reads the file that `flag`, `AUTH_CONFIG` or the platform's habit names. Only the last may be
    /// missing.
    ///
    /// # Errors
    /// `Config`: the file can't be read, or is not safe to trust.
    pub(crate) fn load(flag: Option<&Path>) -> Result<Self> {
        let path = file::locate(flag);
        let text = match &path {
            Some(place) => file::read(place)?,
            None => None,
        };
        let found = text.is_some();
        let path = path.map(file::Place::into_path);
        let (layers, text) = match (&path, text) {
            (Some(path), Some(text)) => (document::parse(path, &text), text),
            _ => Default::default(),
        };
        let problem = layers.problem.map(|problem| (problem, text));
        let services = path.as_deref().map(file::services).unwrap_or_default();
        Ok(Self {
            path,
            found,
            layers: layers.profiles,
            problem,
            services,
            of_services: OnceLock::new(),
        })
    }

    /// Every profile's name, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.layers.keys().map(String::as_str).collect();
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

    /// The profile that `key` of `profile` names, if it names one: none that trades the tokens of others itself.
    fn party(&self, profile: &Profile, key: &str, flags: Settings) -> Result<Option<Arc<Profile>>> {
        let Some(name) = profile.settings.text(key) else {
            return Ok(None);
        };
        let origin = profile.settings.origin(key);
        let party = self
            .alone(name, flags)
            .map_err(|error| error.context(format!("{origin}: `{key}`")))?;
        if party.kind == Kind::TokenExchange {
            return Err(Error::config(format!(
                "{origin}: `{key}` of profile `{}` names `{name}`, which trades tokens itself",
                profile.name
            ))
            .with_advice("name the profile whose login it starts from"));
        }
        Ok(Some(Arc::new(party)))
    }

    /// The profile itself, without those that it names.
    fn alone(&self, name: &str, flags: Settings) -> Result<Profile> {
        let own = self.services.get(name);
        let builtin = Preset::named(name);
        let file = self.layers.get(name).cloned().transpose()?;
        if file.is_none() {
            self.ensure_not_lost(name)?;
            if own.is_none() && builtin.is_none() {
                return Err(self.unknown(name));
            }
        }
        let file = file.unwrap_or_default();
        let mut said = environment::layer(name, &self.names())?;
        said.put_over(flags);
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
        if let Some(path) = own {
            base.put_over(service(path)?);
        }
        Profile::new(name, preset, self.put_together(base, file, said)?)
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

    /// What a broken file says of a profile, may be what could not be read.
    fn ensure_not_lost(&self, name: &str) -> Result<()> {
        match &self.problem {
            Some((problem, text)) if Preset::named(name).is_none() || text.contains(name) => {
                Err(problem.clone())
            }
            _ => Ok(()),
        }
    }

    /// What is wrong with the file beyond single profiles.
    pub(crate) fn problem(&self) -> Option<&Error> {
        self.problem.as_ref().map(|(problem, _)| problem)
    }

    /// The file that was read, if there was one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.path.as_deref().filter(|_| self.found)
    }

    /// Whether the file says something about the profile of that name.
    pub(crate) fn is_in_file(&self, name: &str) -> bool {
        self.layers.contains_key(name) || self.services.contains_key(name)
    }

    /// Every environment variable that some profile takes a secret from.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let readable = self.layers.values().filter_map(|layer| layer.as_ref().ok());
        let named = readable.flat_map(Settings::secret_variables);
        named
            .chain(environment::secret_variables())
            .chain(despauth::secret_variables())
            .collect()
    }

    fn preset(&self, name: &str, wanted: &str, settings: &Settings) -> Result<Preset> {
        Preset::named(wanted).ok_or_else(|| {
            let origin = settings.origin("preset");
            let names = Preset::ALL.iter().map(|preset| preset.name());
            Error::config(format!(
                "{origin}: profile `{name}` names an unknown preset `{}`",
                shown(wanted)
            ))
            .with_advice(nearest::advice(wanted, names))
        })
    }

    fn unknown(&self, name: &str) -> Error {
        let error = Error::config(format!("there is no profile `{}`", shown(name)));
        if let Some(near) = nearest::nearest(name, self.names().into_iter()) {
            return error.with_advice(format!("did you mean `{near}`?"));
        }
        let names = self.names().join("`, `");
        error.with_advice(match (&self.path, self.found) {
            (Some(path), true) => {
                format!("choose one of `{names}`, or add it to {}", path.display())
            }
            (Some(path), false) => format!(
                "choose one of `{names}`, or write it into {}, which does not exist yet",
                path.display()
            ),
            (None, _) => format!("choose one of `{names}`, or name a file with --config"),
        })
    }
}

/// A name as messages show it: who types a URL in its place may have a password in that.
pub(crate) fn shown(name: &str) -> String {
    match Url::parse(name) {
        Ok(url) if url.has_host() => auth_core::http::shown(&url),
        _ => Untrusted::new(name).to_string(),
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
