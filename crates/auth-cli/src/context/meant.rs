//! What is meant where nothing is said, and what can't be.

use std::path::PathBuf;

use auth_core::error::Untrusted;
use auth_core::{Error, Result};

use crate::args::Question;
use crate::variables;

/// The profile that is named, or that the environment names where none is.
///
/// # Errors
/// `Config` if there is none.
pub(super) fn named(question: &Question) -> Result<String> {
    let said = question.profile.clone().or_else(default_profile);
    said.ok_or_else(|| {
        Error::config("no profile is named")
            .with_advice("name one of those that `auth profiles` shows, or set AUTH_PROFILE")
    })
}

/// The profile that the environment names.
pub(crate) fn default_profile() -> Option<String> {
    let said = variables::os("AUTH_PROFILE").filter(|name| !name.is_empty());
    said.map(|name| name.to_string_lossy().into_owned())
}

/// A home that depends on where the program runs would let any directory say which commands run.
///
/// # Errors
/// `Config` for a relative one.
pub(crate) fn ensure_home_is_meant() -> Result<()> {
    for (name, what) in HOMES {
        let said = std::env::var_os(name).map(PathBuf::from);
        if let Some(home) = said.filter(|home| !home.as_os_str().is_empty() && home.is_relative()) {
            return Err(Error::config(format!(
                "{name} is `{}`, which is no absolute path",
                Untrusted::new(&home.to_string_lossy()).with_limit(200)
            ))
            .with_advice(format!("set {name} to the whole path of {what}")));
        }
    }
    Ok(())
}

/// Where the system looks for what is the person's own. On Windows others set `HOME`, in ways of their own.
const HOMES: &[(&str, &str)] = if cfg!(windows) {
    &[
        ("USERPROFILE", "the home directory"),
        ("APPDATA", "the directory for configurations"),
        (
            "LOCALAPPDATA",
            "the directory for what stays on this machine",
        ),
    ]
} else {
    &[("HOME", "the home directory")]
};
