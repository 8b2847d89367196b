//! Names that there are not, and which were probably meant.

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use url::Url;

use super::nearest;
use crate::config::{Config, Preset, Settings};

impl Config {
    /// The preset that `settings` name.
    ///
    /// # Errors
    /// `Config` if there is none of that name.
    pub(super) fn preset(&self, name: &str, wanted: &str, settings: &Settings) -> Result<Preset> {
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

    /// The error for a profile of a name that none has.
    pub(super) fn unknown(&self, name: &str) -> Error {
        let error = Error::config(format!("there is no profile `{}`", shown(name)));
        // As its header has it.
        let bare = name.trim_matches(['[', ']', '"', '\'', ' ']);
        let bare = bare.strip_prefix("profile.").unwrap_or(bare);
        if let Some(near) = nearest::nearest(bare, self.names().into_iter()) {
            return error.with_advice(format!("did you mean `{near}`?"));
        }
        let names = match self.names() {
            few if few.len() <= SHOWN => few.join("`, `"),
            many => format!(
                "{}`, and {} more: see `auth profiles",
                many[..SHOWN].join("`, `"),
                many.len() - SHOWN
            ),
        };
        error.with_advice(match (self.files.place(), self.files.paths().is_empty()) {
            (Some(place), false) => {
                format!(
                    "choose one of `{names}`, or add it to {}",
                    place.path.display()
                )
            }
            (Some(place), true) => format!(
                "choose one of `{names}`, or write it into {}, which does not exist yet",
                place.path.display()
            ),
            (None, _) => format!("choose one of `{names}`, or name a file with --config"),
        })
    }
}

/// A longer name is cut.
pub(super) const LONGEST: usize = 60;

/// So many names are told in one line.
const SHOWN: usize = 40;

/// A name as messages show it: who types a URL in its place may have a password in that.
pub(crate) fn shown(name: &str) -> String {
    match Url::parse(name) {
        Ok(url) if url.has_host() => auth_core::http::shown(&url),
        // Nobody calls a profile so: it may be a secret.
        _ if name.chars().count() > LONGEST => Untrusted::new(name).with_limit(12).to_string(),
        _ => Untrusted::new(name).to_string(),
    }
}
