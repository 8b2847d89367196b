//! The environment: the one place that reads it.

use std::env::VarError;
use std::ffi::OsString;

use secrecy::SecretString;

/// What the variable says, whatever it is.
pub(crate) fn os(name: &str) -> Option<OsString> {
    #[cfg(test)]
    if let Some(given) = given::now() {
        return given.get(&OsString::from(name)).cloned();
    }
    std::env::var_os(name)
}

/// What the variable says, as text.
///
/// # Errors
/// It is not set, or no text in UTF-8.
pub(crate) fn text(name: &str) -> Result<String, VarError> {
    let value = os(name).ok_or(VarError::NotPresent)?;
    value.into_string().map_err(VarError::NotUnicode)
}

/// The same for those to whom one that can't be read is none.
pub(crate) fn secret(name: &str) -> Option<SecretString> {
    text(name).ok().map(SecretString::from)
}

/// All of them.
pub(crate) fn all() -> impl Iterator<Item = (OsString, OsString)> {
    #[cfg(test)]
    if let Some(given) = given::now() {
        return Vec::from_iter((*given).clone()).into_iter();
    }
    Vec::from_iter(std::env::vars_os()).into_iter()
}

/// An environment for a test of the whole program in its own process.
#[cfg(test)]
pub(crate) mod given {
    use std::collections::BTreeMap;
    use std::ffi::OsString;
    use std::sync::Arc;

    use arc_swap::ArcSwapOption;

    pub(crate) type Variables = BTreeMap<OsString, OsString>;

    static GIVEN: ArcSwapOption<Variables> = ArcSwapOption::const_empty();

    pub(crate) fn give(variables: Variables) {
        GIVEN.store(Some(Arc::new(variables)));
    }

    pub(super) fn now() -> Option<Arc<Variables>> {
        GIVEN.load_full()
    }
}
