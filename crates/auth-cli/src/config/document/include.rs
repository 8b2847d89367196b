//! The files of others that a file takes profiles from.

use std::path::PathBuf;

use auth_core::Result;
use toml::Spanned;
use toml::de::DeValue;

use super::Document;
use crate::config::Origin;
use crate::config::value::resolve;

impl Document<'_> {
    /// The files that it takes profiles from.
    pub(super) fn includes(&self, value: &Spanned<DeValue<'_>>) -> Result<Vec<(PathBuf, Origin)>> {
        let items = value.get_ref().as_array();
        let paths = items.map(|items| {
            let path = |item: &Spanned<DeValue<'_>>| {
                let path = resolve(item.get_ref().as_str()?, self.directory());
                Some((path, self.origin(item.span())))
            };
            items.iter().map(path).collect::<Option<Vec<_>>>()
        });
        paths
            .flatten()
            .filter(|paths| paths.len() <= MOST_INCLUDES)
            .ok_or_else(|| {
                let what = format!("`{INCLUDE}` must be a list of files, {MOST_INCLUDES} at most");
                let advice = format!("write {INCLUDE} = [\"/path/of/the/team.toml\"]");
                self.error(value.span(), &what).with_advice(advice)
            })
    }
}

/// The key by which a file takes profiles from others.
pub(super) const INCLUDE: &str = "include";

/// So many files nobody has.
const MOST_INCLUDES: usize = 32;
