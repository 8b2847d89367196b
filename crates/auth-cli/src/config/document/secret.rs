//! Where a secret is, as the file says it.

use std::ops::Range;

use auth_core::Result;
use auth_core::error::Untrusted;
use toml::de::{DeTable, DeValue};

use super::Document;
use crate::config::value::resolve;
use crate::secret::SecretSource;

impl Document<'_> {
    /// The one place that the table names.
    pub(super) fn secret(
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
            ("file", DeValue::String(path)) if !path.is_empty() => {
                Some(SecretSource::File(resolve(path, self.directory())))
            }
            ("stdin", DeValue::Boolean(true)) => Some(SecretSource::Stdin),
            ("github", DeValue::Boolean(true)) => Some(SecretSource::GitHub(None)),
            ("github", DeValue::Table(more)) => github(more),
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
        if let Some(why) = source.as_ref().and_then(SecretSource::flaw) {
            let error = self.error(value.span(), &format!("{subject} {why}"));
            return Err(error.with_advice(format!("write {SOURCES}")));
        }
        source.ok_or_else(|| {
            let is_known = SOURCES.contains(&format!("{{ {} = ", key.get_ref()));
            let key = Untrusted::new(key.get_ref());
            let what = match is_known {
                true => format!("{subject} has a `{key}` that is written in another way"),
                false => format!("{subject} does not say where the secret is: `{key}`"),
            };
            self.error(value.span(), &what)
                .with_advice(format!("write {SOURCES}"))
        })
    }
}

/// GitHub, for the audience that is the only thing it can be told.
fn github(more: &DeTable<'_>) -> Option<SecretSource> {
    let entries: Vec<_> = more.iter().collect();
    let [(key, value)] = entries[..] else {
        return None;
    };
    let audience = value.get_ref().as_str().filter(|text| !text.is_empty())?;
    (key.get_ref() == "audience").then(|| SecretSource::GitHub(Some(audience.to_owned())))
}

/// How a file says where a secret is.
pub(super) const SOURCES: &str = "{ env = \"NAME\" }, { file = \"PATH\" }, { stdin = true }, \
    { prompt = \"question\" } or { command = [\"program\", \"argument\"] }";
