//! [`Settings`]: what one layer says about a profile; [`Profile`]: what all of them say together.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth_core::{Error, Result};
use url::Url;

use crate::config::document::from_text;
use crate::config::{Field, Kind, Preset, Shape};
use crate::secret::SecretSource;
use crate::stage::Part;

/// One value, and where it was said.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// What a key may hold.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    List(Vec<String>),
    Url(Url),
    Path(PathBuf),
    Secret(SecretSource),
}

impl fmt::Display for Value {
    /// Where a secret is, never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(list) => f.write_str(&list.join(" ")),
            Self::Url(url) => f.write_str(&auth_core::http::shown(url)),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Secret(source) => source.fmt(f),
        }
    }
}

/// Where a value was said; displayed, it begins an error message.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    BuiltIn,
    File { path: Arc<Path>, line: usize },
    Variable(String),
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in profiles"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// Some of a profile's values by their keys' names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Settings {
    by_name: BTreeMap<&'static str, Setting>,
    /// Where a file begins the profile.
    start: Option<Origin>,
}

impl Settings {
    /// Nothing, said at `start`.
    pub(crate) fn starting_at(start: Origin) -> Self {
        Self {
            start: Some(start),
            ..Self::default()
        }
    }

    pub(crate) fn set(&mut self, name: &'static str, value: Value, origin: Origin) {
        self.by_name.insert(name, Setting { value, origin });
    }

    /// Sets `name` to what `text` says.
    ///
    /// # Errors
    /// `Config` if it has the wrong shape.
    pub(crate) fn set_text(
        &mut self,
        name: &'static str,
        text: &str,
        origin: Origin,
    ) -> Result<()> {
        let shape = Field::named(name).map_or(Shape::Text, |field| field.shape);
        let value = from_text(shape, text, Path::new(""))
            .map_err(|what| Error::config(format!("{origin} {what}")))?;
        self.set(name, value, origin);
        Ok(())
    }

    pub(crate) fn remove(&mut self, name: &str) {
        self.by_name.remove(name);
    }

    /// Takes everything from `upper`, over what is here.
    pub(crate) fn put_over(&mut self, upper: Self) {
        self.by_name.extend(upper.by_name);
        self.start = upper.start.or_else(|| self.start.take());
    }

    /// Takes from `lower` what is not here.
    pub(crate) fn put_under(&mut self, lower: Self) {
        for (name, setting) in lower.by_name {
            self.by_name.entry(name).or_insert(setting);
        }
    }

    /// Each key with its value, by name.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &Setting)> {
        self.by_name.iter().map(|(name, setting)| (*name, setting))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Setting> {
        self.by_name.get(name)
    }

    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        match &self.get(name)?.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// What a switch says.
    pub(crate) fn is_on(&self, name: &str) -> Option<bool> {
        self.text(name).map(|text| text == "true")
    }

    pub(crate) fn url(&self, name: &str) -> Option<&Url> {
        match &self.get(name)?.value {
            Value::Url(url) => Some(url),
            _ => None,
        }
    }

    pub(crate) fn list(&self, name: &str) -> &[String] {
        match self.get(name).map(|setting| &setting.value) {
            Some(Value::List(list)) => list,
            _ => &[],
        }
    }

    pub(crate) fn path(&self, name: &str) -> Option<&Path> {
        match &self.get(name)?.value {
            Value::Path(path) => Some(path),
            _ => None,
        }
    }

    pub(crate) fn secret(&self, name: &str) -> Option<&SecretSource> {
        match &self.get(name)?.value {
            Value::Secret(source) => Some(source),
            _ => None,
        }
    }

    /// Where `name` was said, or else where the profile begins.
    pub(crate) fn origin(&self, name: &str) -> Origin {
        let said = self.get(name).map(|setting| setting.origin.clone());
        said.or_else(|| self.start.clone())
            .unwrap_or(Origin::BuiltIn)
    }

    /// The environment variables that secrets are taken from.
    pub(super) fn secret_variables(&self) -> impl Iterator<Item = String> {
        self.by_name
            .values()
            .filter_map(|setting| match &setting.value {
                Value::Secret(SecretSource::Env(name)) => Some(name.clone()),
                _ => None,
            })
    }
}

/// A profile, whole.
#[derive(Clone, Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) kind: Kind,
    pub(crate) preset: Option<Preset>,
    pub(crate) settings: Settings,
}

impl Profile {
    pub(super) fn new(name: &str, preset: Option<Preset>, settings: Settings) -> Result<Self> {
        let profile = |kind| Self {
            name: name.to_owned(),
            kind,
            preset,
            settings: settings.clone(),
        };
        let Some(kind) = settings.text("kind").and_then(Kind::parse) else {
            let advice = format!("add `kind = \"…\"`, one of {}", Kind::NAMES.join(", "));
            let message = format!(
                "{}: profile `{name}` has no `kind`",
                settings.origin("kind")
            );
            return Err(Error::config(message).with_advice(advice));
        };
        for (field, setting) in &settings.by_name {
            if Field::named(field).is_some_and(|field| !field.fits(kind)) {
                return Err(Error::config(format!(
                    "{}: `{field}` means nothing in profile `{name}`, whose kind is {kind}",
                    setting.origin
                ))
                .with_advice("remove it or change the kind"));
            }
        }
        Ok(profile(kind))
    }

    /// The profile of a part of the demonstration.
    ///
    /// # Errors
    /// `Config` if it does not add up.
    pub(crate) fn of_part(part: &Part) -> Result<Self> {
        let mut settings = Settings::default();
        for (name, value) in &part.settings {
            settings.set_text(name, value, Origin::BuiltIn)?;
        }
        for (name, secret) in &part.secrets {
            let secret = Value::Secret(SecretSource::Given(secret.clone()));
            settings.set(name, secret, Origin::BuiltIn);
        }
        Self::new(part.profile, Preset::named(part.profile), settings)
    }

    /// The text that must be there.
    ///
    /// # Errors
    /// `Config`, naming the ways to say it.
    pub(crate) fn need_text(&self, name: &'static str) -> Result<&str> {
        self.settings.text(name).ok_or_else(|| self.missing(name))
    }

    /// The secret source that must be there.
    ///
    /// # Errors
    /// `Config`, naming the ways to say it.
    pub(crate) fn need_secret(&self, name: &'static str) -> Result<&SecretSource> {
        self.settings.secret(name).ok_or_else(|| self.missing(name))
    }

    /// The error for a key that is not there.
    pub(crate) fn missing(&self, name: &'static str) -> Error {
        let variable = crate::config::variable(&self.name, name);
        let origin = self.settings.origin(name);
        Error::config(format!("{origin}: profile `{}` has no `{name}`", self.name))
            .with_advice(format!("add `{name}` to the profile or set {variable}"))
    }
}
