//! [`Config`]: which profiles there are, put together from four layers. Flags win over the environment,
//! the environment over the file, the file over what is built in.

mod builtin;
mod document;
mod environment;
mod field;
mod file;
mod nearest;
mod settings;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use auth_core::{Error, Result, Untrusted};

pub(crate) use builtin::Preset;
pub(crate) use environment::variable;
pub(crate) use field::{Field, Shape};
pub(crate) use settings::{Origin, Profile, Settings, Value};

/// The kinds of profiles: which flow gets the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    JwtBearer,
    ClientCredentials,
    Keycloak,
    Oidc,
    Refresh,
    Desp,
}

impl Kind {
    /// As the file spells them.
    pub(crate) const NAMES: &'static [&'static str] = &[
        "jwt-bearer",
        "client-credentials",
        "refresh",
        "keycloak",
        "oidc",
        "desp",
    ];

    fn parse(name: &str) -> Option<Self> {
        match name {
            "jwt-bearer" => Some(Self::JwtBearer),
            "client-credentials" => Some(Self::ClientCredentials),
            "keycloak" => Some(Self::Keycloak),
            "oidc" => Some(Self::Oidc),
            "refresh" => Some(Self::Refresh),
            "desp" => Some(Self::Desp),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::JwtBearer => "jwt-bearer",
            Self::ClientCredentials => "client-credentials",
            Self::Keycloak => "keycloak",
            Self::Oidc => "oidc",
            Self::Refresh => "refresh",
            Self::Desp => "desp",
        })
    }
}

/// The profiles of the file and the built-in ones.
#[derive(Debug)]
pub(crate) struct Config {
    /// The file that was read, or where it would be.
    path: Option<PathBuf>,
    found: bool,
    layers: BTreeMap<String, Settings>,
}

impl Config {
    /// Reads the file that `flag`, `AUTH_CONFIG` or the platform's habit names. Only the last may be
    /// missing.
    ///
    /// # Errors
    /// `Config`: the file can't be read, is not safe to trust, or says something that is not known.
    pub(crate) fn load(flag: Option<&Path>) -> Result<Self> {
        let path = file::locate(flag);
        let text = match &path {
            Some(place) => file::read(place)?,
            None => None,
        };
        let found = text.is_some();
        let path = path.map(file::Place::into_path);
        let layers = match (&path, text) {
            (Some(path), Some(text)) => document::parse(path, &text)?,
            _ => BTreeMap::new(),
        };
        Ok(Self {
            path,
            found,
            layers,
        })
    }

    /// Every profile's name, sorted.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.layers.keys().map(String::as_str).collect();
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
        let file = self.layers.get(name);
        let builtin = Preset::named(name);
        if file.is_none() && builtin.is_none() {
            return Err(self.unknown(name));
        }
        let mut settings = file.cloned().unwrap_or_default();
        settings.put_over(environment::layer(name, &self.names())?);
        settings.put_over(flags);
        let preset = match settings.text("preset") {
            Some(wanted) => Some(self.preset(name, wanted, &settings)?),
            None => builtin,
        };
        if let Some(preset) = preset {
            settings.put_under(preset.settings());
        }
        Profile::new(name, preset, settings)
    }

    /// The file that was read, if there was one.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.path.as_deref().filter(|_| self.found)
    }

    /// Whether the file says something about the profile of that name.
    pub(crate) fn is_in_file(&self, name: &str) -> bool {
        self.layers.contains_key(name)
    }

    /// Every environment variable that some profile takes a secret from.
    pub(crate) fn secret_variables(&self) -> Vec<String> {
        let named = self.layers.values().flat_map(Settings::secret_variables);
        named.chain(environment::secret_variables()).collect()
    }

    fn preset(&self, name: &str, wanted: &str, settings: &Settings) -> Result<Preset> {
        Preset::named(wanted).ok_or_else(|| {
            let origin = settings.origin("preset");
            let names = Preset::ALL.iter().map(|preset| preset.name());
            Error::config(format!(
                "{origin}: profile `{name}` names an unknown preset `{}`",
                Untrusted::new(wanted)
            ))
            .with_advice(nearest::advice(wanted, names))
        })
    }

    fn unknown(&self, name: &str) -> Error {
        let error = Error::config(format!("there is no profile `{}`", Untrusted::new(name)));
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
