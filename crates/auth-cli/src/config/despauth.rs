//! What people of `destinepyauth` have: its variables `DESPAUTH_*`, and files with its keys.

mod file;

use std::path::{Path, PathBuf};

use auth_core::{Error, Result};

use crate::config::nearest::nearest;
use crate::config::{Field, Origin, Settings, Shape, Value};
use crate::secret::SecretSource;

pub(super) use file::{read, read_if_there};

const PREFIX: &str = "DESPAUTH_";

/// Its variables, and what each sets here. The later of two that set the same wins: `CLIENT_ID` is the
/// client of the login alone, and never that of the exchange.
const VARIABLES: &[(&str, &str)] = &[
    ("USER", "user"),
    ("PASSWORD", "password"),
    ("OTP", "otp"),
    ("TOTP", "totp"),
    ("IAM_URL", "iam-url"),
    ("REALM", "iam-realm"),
    ("IAM_REALM", "iam-realm"),
    ("CLIENT_ID", "client-id"),
    ("IAM_CLIENT", "client-id"),
    ("REDIRECT_URI", "redirect-uri"),
    ("SCOPE", "scope"),
    ("TOKEN_URL", "exchange-url"),
    ("AUDIENCE", "audience"),
    ("SUBJECT_ISSUER", "subject-issuer"),
    ("EXCHANGE_CLIENT_ID", "exchange-client-id"),
];

/// The keys that are about the exchange: they change one and make none.
const EXCHANGE: [&str; 4] = [
    "exchange-url",
    "audience",
    "subject-issuer",
    "exchange-client-id",
];

/// What the variables say.
///
/// # Errors
/// `Config`: a value has the wrong shape, or a variable is none of these.
pub(super) fn layer() -> Result<Settings> {
    let mut settings = Settings::default();
    let is_set = |name: &str| crate::variables::os(name).is_some_and(|value| !value.is_empty());
    for (name, field) in VARIABLES {
        let variable = format!("{PREFIX}{name}");
        if !is_set(&variable) {
            continue;
        }
        let origin = Origin::Variable(variable.clone());
        if is_secret(field) {
            settings.set(field, Value::Secret(SecretSource::Env(variable)), origin);
            continue;
        }
        let text = crate::variables::text(&variable)
            .map_err(|_| Error::config(format!("{variable} is not a text in UTF-8")))?;
        settings.set_text(field, &text, origin)?;
    }
    for (variable, _) in crate::variables::all() {
        let Ok(variable) = variable.into_string() else {
            continue;
        };
        if let Some(name) = variable.strip_prefix(PREFIX)
            && is_set(&variable)
            && !VARIABLES.iter().any(|(known, _)| *known == name)
        {
            return Err(unknown(&variable, name));
        }
    }
    Ok(settings)
}

/// `settings` for a service whose token is not traded, unless it `is_traded`.
pub(super) fn fitting(mut settings: Settings, is_traded: bool) -> Settings {
    if !is_traded {
        EXCHANGE.iter().for_each(|name| settings.remove(name));
    }
    settings
}

/// The variables that hold a secret.
pub(super) fn secret_variables() -> impl Iterator<Item = String> {
    let secret = VARIABLES.iter().filter(|(_, field)| is_secret(field));
    secret.map(|(name, _)| format!("{PREFIX}{name}"))
}

fn is_secret(field: &str) -> bool {
    Field::named(field).is_some_and(|field| field.shape == Shape::Secret)
}

/// The files that hold for all services, the stronger first.
pub(super) fn files_of_person() -> Vec<PathBuf> {
    let Ok(home) = etcetera::home_dir() else {
        return Vec::new();
    };
    let names = [".despauth.yaml", ".despauth.json"];
    names.map(|name| home.join(name)).into()
}

/// How the file at `path` spells the key `name`, and the variable for it, where it is a file with the keys of `destinepyauth`
/// that has such a key.
pub(super) fn spelled(path: &Path, name: &str) -> Option<(String, String)> {
    let is_ours = path.extension().is_some_and(|kind| kind == "toml");
    let key = file::key_of(name).filter(|_| !is_ours)?;
    let mut variables = VARIABLES.iter().rev();
    let (variable, _) = variables.find(|(_, field)| *field == name)?;
    Some((key, format!("{PREFIX}{variable}")))
}

fn unknown(variable: &str, name: &str) -> Error {
    let error = Error::config(format!(
        "{variable} means nothing to services of Destination Earth"
    ));
    let names = VARIABLES.iter().map(|(name, _)| *name);
    match nearest(name, names) {
        Some(near) => error.with_advice(format!("did you mean {PREFIX}{near}?")),
        None => error.with_advice("unset it"),
    }
}
