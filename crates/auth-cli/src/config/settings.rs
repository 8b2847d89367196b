//! [`Settings`]: what one layer says about a profile.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

use auth_core::{Error, Result};
use url::Url;

use crate::config::value::from_text;
use crate::config::{Field, Shape, Value};
use crate::secret::SecretSource;

/// One value, and where it was said.
#[derive(Clone, Debug)]
pub(crate) struct Setting {
    pub(crate) value: Value,
    pub(crate) origin: Origin,
}

/// Where a value was said; displayed, it begins an error message.
#[derive(Clone, Debug)]
pub(crate) enum Origin {
    BuiltIn,
    File {
        path: Arc<Path>,
        line: usize,
    },
    Variable(String),
    Flag(&'static str),
    /// `auth switch`.
    Choice,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BuiltIn => f.write_str("built-in profiles"),
            Self::File { path, line } => write!(f, "{}:{line}", path.display()),
            Self::Variable(name) => f.write_str(name),
            Self::Flag(name) => f.write_str(name),
            Self::Choice => f.write_str("`auth switch`"),
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

    /// The texts of a key that may have several.
    pub(crate) fn texts(&self, name: &str) -> &[String] {
        match self.get(name).map(|setting| &setting.value) {
            Some(Value::Text(only)) => std::slice::from_ref(only),
            Some(Value::Texts(several)) => several,
            _ => &[],
        }
    }

    /// The same of several keys, each text with its key.
    pub(crate) fn each<'a>(
        &'a self,
        names: &'a [&'static str],
    ) -> impl Iterator<Item = (&'static str, &'a str)> {
        let texts = |name| self.texts(name).iter().map(move |text| (name, &**text));
        names.iter().copied().flat_map(texts)
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
                Value::Secret(SecretSource::GitHub(_)) => Some(crate::secret::JOB.to_owned()),
                _ => None,
            })
    }
}
