//! The profiles that another one names, whose tokens it trades.

use std::sync::Arc;

use auth_core::{Error, Result};

use crate::config::{Config, Kind, Profile, Settings};

impl Config {
    /// The profile that `key` of `profile` names, if it names one: none that trades the tokens of others itself.
    pub(super) fn party(
        &self,
        profile: &Profile,
        key: &str,
        flags: Settings,
    ) -> Result<Option<Arc<Profile>>> {
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
}
