//! The configuration file's text, turned into settings. Every complaint names its line.

mod include;
mod secret;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use self::include::INCLUDE;
use self::secret::SOURCES;
use crate::config::habit;
use crate::config::nearest::{self, is_slip};
use crate::config::value::from_text;
use crate::config::{Field, Origin, Settings, Shape, Value};

/// What a file says of a profile, or all that is wrong with that.
pub(super) type Said = Result<Settings, Vec<Error>>;

/// What a file says: each profile by itself, so that one that is broken breaks no other.
#[derive(Debug, Default)]
pub(super) struct Layers {
    pub(super) profiles: BTreeMap<String, Said>,
    /// What is wrong with the file, and with no profile that could be read whole.
    pub(super) problems: Vec<Error>,
    /// The files of others that it takes profiles from, and where it says so.
    pub(super) includes: Vec<(PathBuf, Origin)>,
}

/// The profiles of the file at `path`. In each may be found that the text is no TOML, a key is unknown, a value has the
/// wrong shape, or a secret stands in it.
pub(super) fn parse(path: &Path, text: &str) -> Layers {
    let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
    let document = Document {
        path: path.into(),
        text,
        breaks: breaks.map(|(at, _)| at).collect(),
    };
    let (table, wrong) = DeTable::parse_recoverable(text);
    // What can't be read comes first: the rest may be wrong for that reason alone.
    let mut layers = Layers {
        problems: wrong.iter().map(|error| document.no_toml(error)).collect(),
        ..Layers::default()
    };
    for (key, value) in table.get_ref() {
        if key.get_ref() == INCLUDE {
            match document.includes(value) {
                Ok(includes) => layers.includes = includes,
                Err(error) => layers.problems.push(error),
            }
            continue;
        }
        if key.get_ref() != "profile" {
            let what = format!("unknown key `{}`", Untrusted::new(key.get_ref()));
            let error = document.error(key.span(), &what);
            let error = error.with_advice(match is_slip(key.get_ref(), INCLUDE) {
                true => format!("did you mean `{INCLUDE}`?"),
                false => "everything belongs to a profile: [profile.NAME]".to_owned(),
            });
            layers.problems.push(error);
            continue;
        }
        let Some(table) = value.get_ref().as_table() else {
            let error = document.error(value.span(), "`profile` must be a table of profiles");
            layers.problems.push(error);
            continue;
        };
        for (name, value) in table {
            if let Err(error) = document.ensure_usable(name) {
                layers.problems.push(error);
                continue;
            }
            let settings = document.profile(name, value);
            let name = name.get_ref().clone().into_owned();
            layers.profiles.insert(name, settings);
        }
        // Of several in one profile the first is told.
        for error in wrong.iter().rev() {
            let at = error.span().unwrap_or_default().start;
            let begun = table.keys().filter(|name| name.span().start <= at);
            let within = begun.max_by_key(|name| name.span().start);
            let within = within.map(|name| name.get_ref().clone().into_owned());
            // The header above may be of a profile that is begun twice, or that nothing is left of.
            for name in [within, document.header_above(at)].into_iter().flatten() {
                layers
                    .profiles
                    .insert(name, Err(vec![document.no_toml(error)]));
            }
        }
    }
    layers
}

struct Document<'t> {
    path: Arc<Path>,
    text: &'t str,
    /// Where its lines end.
    breaks: Vec<usize>,
}

impl Document<'_> {
    /// Whether a profile may have that name.
    fn ensure_usable(&self, name: &Spanned<std::borrow::Cow<'_, str>>) -> Result<()> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        let begins = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let text = name.get_ref();
        match text.starts_with(begins) && text.chars().all(plain) && text.len() <= LONGEST_NAME {
            true => Ok(()),
            false => {
                let shown = Untrusted::new(text).with_limit(LONGEST_NAME);
                let what = format!("the profile name `{shown}` is not usable");
                Err(self.error(name.span(), &what).with_advice(format!(
                    "use letters, digits, dots, dashes and underscores, {LONGEST_NAME} at most"
                )))
            }
        }
    }

    fn profile(
        &self,
        name: &Spanned<std::borrow::Cow<'_, str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Said {
        let shown = Untrusted::new(name.get_ref());
        let Some(table) = value.get_ref().as_table() else {
            let what = format!("profile `{shown}` must be a table");
            return Err(vec![self.error(value.span(), &what)]);
        };
        let mut settings = Settings::starting_at(self.origin(name.span()));
        let mut wrong = Vec::new();
        for (key, value) in table {
            let Some(field) = Field::named(key.get_ref()) else {
                let unknown = Untrusted::new(key.get_ref());
                let what = format!("unknown key `{unknown}` in profile `{shown}`");
                let error = self.error(key.span(), &what);
                let error = match key.get_ref() == INCLUDE {
                    true => error.with_advice(
                        "write it above the first profile: below a header it is that profile's",
                    ),
                    false => error.with_advice(match nearest::key(key.get_ref()) {
                        Some(near) => format!("did you mean `{near}`?"),
                        None => "`auth profiles add --help` lists the keys".to_owned(),
                    }),
                };
                wrong.push((key.span().start, error));
                continue;
            };
            let subject = format!("`{}` in profile `{shown}`", field.name);
            match self.value(&subject, field, value) {
                Ok(value) => settings.set(field.name, value, self.origin(key.span())),
                Err(error) => wrong.push((key.span().start, error)),
            }
        }
        // As the file has them.
        wrong.sort_by_key(|(start, _)| *start);
        match wrong.is_empty() {
            true => Ok(settings),
            false => Err(wrong.into_iter().map(|(_, error)| error).collect()),
        }
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
            (Shape::Duration, DeValue::Integer(seconds)) => {
                from_text(Shape::Duration, &seconds.to_string(), self.directory()).map_err(wrong)
            }
            (shape, DeValue::String(text)) => {
                from_text(shape, text, self.directory()).map_err(wrong)
            }
            (_, other) => {
                let kind = other.type_str();
                Err(wrong(format!("must be a text, and this is of type {kind}")))
            }
        }
    }

    /// What is wrong with the text. The error's own display would quote the line, which may hold a secret.
    fn no_toml(&self, error: &toml::de::Error) -> Error {
        let span = error.span().unwrap_or_default();
        let rest = self.text.get(span.start..).unwrap_or_default();
        let before = self.text.get(..span.start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let key = line.split_once('=').map(|(key, _)| key.trim());
        let end = rest.find('\n').unwrap_or(rest.len());
        let whole = format!("{line}{}", rest.get(..end).unwrap_or_default());
        if let Some(advice) = habit::advice(&whole) {
            return self.error(span, error.message()).with_advice(advice);
        }
        let advice = match key.and_then(Field::named) {
            Some(field) if rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') => {
                format!("write a text in quotes: {} = \"…\"", field.name)
            }
            _ => "see the README of auth-cli for how a profile is written".to_owned(),
        };
        self.error(span, error.message()).with_advice(advice)
    }

    /// The profile whose header stands on the line of `offset`, or else last above it.
    fn header_above(&self, offset: usize) -> Option<String> {
        let end = self.text.get(offset..)?.find('\n').map(|end| offset + end);
        let above = self.text.get(..end.unwrap_or(self.text.len()))?;
        let headers = above.lines().rev().map(str::trim_start);
        let name = headers
            .filter_map(|line| line.strip_prefix("[profile."))
            .next()?;
        Some(match name.strip_prefix('"') {
            Some(quoted) => quoted.split('"').next()?.to_owned(),
            None => name.split(['.', ']', ' ']).next()?.to_owned(),
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

/// A longer name would be cut where it is shown, and then nobody could type it.
const LONGEST_NAME: usize = super::unknown::LONGEST;
