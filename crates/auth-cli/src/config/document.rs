//! The configuration file's text, turned into settings. Every complaint names its line.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::config::field::FIELDS;
use crate::config::nearest::advice;
use crate::config::value::{from_text, resolve};
use crate::config::{Field, Origin, Settings, Shape, Value};
use crate::secret::SecretSource;

/// The profiles of the file at `path`.
///
/// # Errors
/// `Config`: the text is no TOML, a key is unknown, a value has the wrong shape, or a secret stands in it.
pub(super) fn parse(path: &Path, text: &str) -> Result<BTreeMap<String, Settings>> {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    let document = Document {
        path: path.into(),
        breaks: breaks.map(|(at, _)| at).collect(),
    };
    // The error's own display would quote the line, which may hold a secret.
    let table = DeTable::parse(text).map_err(|error| {
        let place = document.origin(error.span().unwrap_or_default());
        Error::config(format!("{place}: {}", error.message()))
            .with_advice("see the README of auth-cli for how a profile is written")
    })?;
    let mut profiles = BTreeMap::new();
    for (key, value) in table.get_ref() {
        if key.get_ref() != "profile" {
            let what = format!("unknown key `{}`", Untrusted::new(key.get_ref()));
            return Err(document
                .error(key.span(), &what)
                .with_advice("everything belongs to a profile: [profile.NAME]"));
        }
        let Some(table) = value.get_ref().as_table() else {
            return Err(document.error(value.span(), "`profile` must be a table of profiles"));
        };
        for (name, value) in table {
            let settings = document.profile(name, value)?;
            profiles.insert(name.get_ref().clone().into_owned(), settings);
        }
    }
    Ok(profiles)
}

struct Document {
    path: Arc<Path>,
    /// Where its lines end.
    breaks: Vec<usize>,
}

impl Document {
    fn profile(
        &self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Settings> {
        let shown = Untrusted::new(name.get_ref());
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.get_ref().is_empty() || !name.get_ref().chars().all(plain) {
            let what = format!("the profile name `{shown}` is not usable");
            return Err(self
                .error(name.span(), &what)
                .with_advice("use letters, digits, dots, dashes and underscores"));
        }
        let Some(table) = value.get_ref().as_table() else {
            return Err(self.error(value.span(), &format!("profile `{shown}` must be a table")));
        };
        let mut settings = Settings::starting_at(self.origin(name.span()));
        for (key, value) in table {
            let Some(field) = Field::named(key.get_ref()) else {
                let unknown = Untrusted::new(key.get_ref());
                let what = format!("unknown key `{unknown}` in profile `{shown}`");
                let names = FIELDS.iter().map(|field| field.name);
                return Err(self
                    .error(key.span(), &what)
                    .with_advice(advice(key.get_ref(), names)));
            };
            let subject = format!("`{}` in profile `{shown}`", field.name);
            let value = self.value(&subject, field, value)?;
            settings.set(field.name, value, self.origin(key.span()));
        }
        Ok(settings)
    }

    fn value(&self, subject: &str, field: &Field, value: &Spanned<DeValue<'_>>) -> Result<Value> {
        let wrong = |what: String| self.error(value.span(), &format!("{subject} {what}"));
        match (field.shape, value.get_ref()) {
            (Shape::Secret, DeValue::Table(table)) => {
                self.secret(subject, value.span(), table).map(Value::Secret)
            }
            (Shape::Secret, _) => {
                let advice = format!("say where it is: {SOURCES}");
                Err(
                    wrong("must not stand in the file, because it is a secret".into())
                        .with_advice(advice),
                )
            }
            (Shape::List, DeValue::Array(items)) => {
                let texts = items.iter().map(|item| item.get_ref().as_str());
                let texts = texts.map(|text| text.map(str::to_owned)).collect();
                Option::<Vec<String>>::map(texts, Value::List)
                    .ok_or_else(|| wrong("must be a list of texts".into()))
            }
            (Shape::Switch, DeValue::Boolean(on)) => Ok(Value::Text(on.to_string())),
            (Shape::Duration, DeValue::Integer(seconds)) => Ok(Value::Text(seconds.to_string())),
            (shape, DeValue::String(text)) => {
                from_text(shape, text, self.directory()).map_err(wrong)
            }
            (_, other) => {
                let kind = other.type_str();
                Err(wrong(format!("must be a text, and this is of type {kind}")))
            }
        }
    }

    fn secret(
        &self,
        subject: &str,
        span: Range<usize>,
        table: &DeTable<'_>,
    ) -> Result<SecretSource> {
        let entries: Vec<_> = table.iter().collect();
        let [(key, value)] = entries[..] else {
            let what = format!("{subject} must say one place where the secret is");
            return Err(self
                .error(span, &what)
                .with_advice(format!("write {SOURCES}")));
        };
        let source = match (key.get_ref().as_ref(), value.get_ref()) {
            ("env", DeValue::String(name)) => Some(SecretSource::Env(name.clone().into_owned())),
            ("file", DeValue::String(path)) => {
                Some(SecretSource::File(resolve(path, self.directory())))
            }
            ("stdin", DeValue::Boolean(true)) => Some(SecretSource::Stdin),
            ("github", DeValue::Boolean(true)) => Some(SecretSource::GitHub),
            ("prompt", DeValue::String(text)) => {
                Some(SecretSource::Prompt(text.clone().into_owned()))
            }
            ("command", DeValue::Array(words)) if !words.is_empty() => {
                let words = words.iter().map(|word| word.get_ref().as_str());
                let words: Option<Vec<String>> = words.map(|w| w.map(str::to_owned)).collect();
                words.map(SecretSource::Command)
            }
            _ => None,
        };
        source.ok_or_else(|| {
            let key = Untrusted::new(key.get_ref());
            let what = format!("{subject} does not say where the secret is: `{key}`");
            self.error(value.span(), &what)
                .with_advice(format!("write {SOURCES}"))
        })
    }

    fn directory(&self) -> &Path {
        self.path.parent().unwrap_or_else(|| Path::new("."))
    }

    fn origin(&self, span: Range<usize>) -> Origin {
        Origin::File {
            path: self.path.clone(),
            line: self.breaks.partition_point(|end| *end < span.start) + 1,
        }
    }

    fn error(&self, span: Range<usize>, what: &str) -> Error {
        Error::config(format!("{}: {what}", self.origin(span)))
    }
}

/// How a file says where a secret is.
const SOURCES: &str = "{ env = \"NAME\" }, { file = \"PATH\" }, { stdin = true }, \
    { prompt = \"question\" } or { command = [\"program\", \"argument\"] }";
