//! A file with the keys of `destinepyauth`, in YAML or JSON, which is YAML too.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};
use serde_saphyr::Spanned;

use crate::config::file::{self, Place, Said};
use crate::config::nearest::advice;
use crate::config::value::from_text;
use crate::config::{Field, Origin, Settings, Shape, Value};
use crate::output::message;
use crate::owner;
use crate::secret::SecretSource;

/// Its keys, and what each sets here.
const KEYS: &[(&str, &str)] = &[
    ("scope", "scope"),
    ("iam_url", "iam-url"),
    ("iam_realm", "iam-realm"),
    ("iam_client", "client-id"),
    ("iam_redirect_uri", "redirect-uri"),
    ("user", "user"),
    ("password", "password"),
    (EXCHANGE, ""),
];

/// The key of a table.
const EXCHANGE: &str = "exchange_config";

/// The keys in it.
const EXCHANGE_KEYS: &[(&str, &str)] = &[
    ("token_url", "exchange-url"),
    ("audience", "audience"),
    ("subject_issuer", "subject-issuer"),
    ("client_id", "exchange-client-id"),
];

/// The key that sets `field`, with that of its table.
pub(super) fn key_of(field: &str) -> Option<String> {
    let named = |keys: &[(&str, &str)]| {
        let found = keys.iter().find(|(_, name)| *name == field);
        found.map(|(key, _)| (*key).to_owned())
    };
    named(KEYS).or_else(|| Some(format!("{EXCHANGE}.{}", named(EXCHANGE_KEYS)?)))
}

/// What the file says.
///
/// # Errors
/// `Config`: it can't be read, somebody else could have written it, it is empty or no YAML, or it has a
/// key that is not known.
pub(in crate::config) fn read(path: &Path) -> Result<Settings> {
    Ok(read_from(path, Said::Flag)?.unwrap_or_default())
}

/// The same; nothing if there is no such file.
///
/// # Errors
/// As [`read`].
pub(in crate::config) fn read_if_there(path: &Path) -> Result<Settings> {
    Ok(read_from(path, Said::Habit)?.unwrap_or_default())
}

fn read_from(path: &Path, said: Said) -> Result<Option<Settings>> {
    let place = Place {
        path: path.to_owned(),
        said,
    };
    let Some(text) = file::read(&place)? else {
        return Ok(None);
    };
    let settings = parse(path, &SecretString::from(text))?;
    let metadata = path.metadata().ok();
    let exposed = metadata.and_then(|metadata| owner::exposure(&metadata, path));
    if let Some(exposed) = exposed.filter(|_| settings.get("password").is_some()) {
        message::warn(&format!("others can read the password {exposed}"));
    }
    Ok(Some(settings))
}

fn parse(path: &Path, text: &SecretString) -> Result<Settings> {
    let shared: Arc<Path> = path.into();
    let at = |line| Origin::File {
        path: shared.clone(),
        line,
    };
    let options = serde_saphyr::options! { with_snippet: false };
    let read = serde_saphyr::from_str_with_options(text.expose_secret(), options);
    // The parser's own words may quote a value, which may be the password.
    let top: Option<Table<true>> = read.map_err(|error| {
        let line = error.location().map_or(1, |place| place.line());
        let line = usize::try_from(line).unwrap_or_default();
        Error::config(format!(
            "{}: this is no `key: text` of YAML or JSON",
            at(line)
        ))
        .with_advice(match is_of_scope(text.expose_secret(), line) {
            true => "write the scopes as one text: `scope: openid offline_access`",
            false => "mend the line, and put quotes around a text with signs in it",
        })
    })?;
    let Some(top) = top.filter(|top| !top.0.is_empty()) else {
        return Err(Error::config(format!("{} says nothing", path.display()))
            .with_advice("write `iam_client: …` and `iam_redirect_uri: …` into it, or remove it"));
    };
    let mut settings = Settings::starting_at(at(1));
    for entry in top.0 {
        let (key, origin) = (entry.key, at(entry.line));
        let Some(field) = entry.field else {
            let names = entry.keys.iter().map(|(name, _)| *name);
            let what = format!("{origin}: unknown key `{}`", Untrusted::new(&key));
            return Err(Error::config(what).with_advice(advice(&key, names)));
        };
        // As good as not there: a person is asked.
        let Some(text) = entry.text.filter(|text| !text.is_empty()) else {
            continue;
        };
        let shape = Field::named(field).map_or(Shape::Text, |field| field.shape);
        let value = match shape {
            Shape::Secret => Value::Secret(SecretSource::Given(text.into())),
            _ => from_text(shape, &text, Path::new(""))
                .map_err(|what| Error::config(format!("{origin}: `{key}` {what}")))?,
        };
        settings.set(field, value, origin);
    }
    Ok(settings)
}

/// Whether what is wrong in that line is the list of scopes that other programs take.
fn is_of_scope(text: &str, line: usize) -> bool {
    let lines: Vec<&str> = text.lines().take(line).map(str::trim).collect();
    let is_item = |line: &&&str| line.starts_with(['-', '[', '"', '\'']) && !line.contains(':');
    let key = lines.iter().rev().find(|line| !is_item(line));
    key.is_some_and(|key| {
        key.trim_start_matches(['"', '\'', '{', ' '])
            .starts_with("scope")
    })
}

/// A key as it is written.
struct Entry {
    key: String,
    line: usize,
    /// Those that are known where it stands.
    keys: &'static [(&'static str, &'static str)],
    field: Option<&'static str>,
    text: Option<String>,
}

/// The keys of the file, those of the exchange among them.
struct Table<const TOP: bool>(Vec<Entry>);

impl<'de, const TOP: bool> Deserialize<'de> for Table<TOP> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(Entries::<TOP>)
    }
}

struct Entries<const TOP: bool>;

impl<'de, const TOP: bool> Visitor<'de> for Entries<TOP> {
    type Value = Table<TOP>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("keys and texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let keys = if TOP { KEYS } else { EXCHANGE_KEYS };
        let line =
            |place: serde_saphyr::Location| usize::try_from(place.line()).unwrap_or_default();
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            if TOP && key == EXCHANGE {
                let table: Option<Table<false>> = map.next_value()?;
                entries.extend(table.into_iter().flat_map(|table| table.0));
                continue;
            }
            let field = keys.iter().find(|(name, _)| *name == key);
            let (line, text) = match field {
                Some(_) => {
                    let value: Spanned<Option<String>> = map.next_value()?;
                    (line(value.referenced), value.value)
                }
                None => {
                    let value: Spanned<IgnoredAny> = map.next_value()?;
                    (line(value.referenced), None)
                }
            };
            entries.push(Entry {
                key,
                line,
                keys,
                field: field.map(|(_, field)| *field),
                text,
            });
        }
        Ok(Table(entries))
    }
}
