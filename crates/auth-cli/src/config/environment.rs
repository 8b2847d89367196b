//! The environment's layer: `AUTH_<PROFILE>_<KEY>`, in capitals, everything else than letters and digits
//! as `_`.

use auth_core::{Error, Result};

use crate::config::FIELDS;
use crate::config::nearest::nearest;
use crate::config::value::from_variable;
use crate::config::{Field, Origin, Preset, Settings, Shape, Value};
use crate::secret::SecretSource;

/// The variable that sets `field` of `profile`.
pub(crate) fn variable(profile: &str, field: &str) -> String {
    format!("{}{}", prefix(profile), capitals(field))
}

/// What the environment says about `profile`, and what is wrong with that: a value has the wrong shape, or a variable names
/// no key of a profile.
pub(super) fn layer(profile: &str, profiles: &[&str]) -> (Settings, Vec<Error>) {
    let (mut settings, mut wrong) = (Settings::default(), Vec::new());
    let prefix = prefix(profile);
    let others: Vec<String> = profiles.iter().map(|name| self::prefix(name)).collect();
    let mut variables: Vec<String> = crate::variables::all()
        .filter_map(|(name, value)| name.into_string().ok().filter(|_| !value.is_empty()))
        .filter(|name| name.starts_with(&prefix))
        .collect();
    variables.sort_unstable();
    // The account of whatever is asked for, where nothing is said of the profile's own.
    let is_said = crate::variables::os(ACCOUNT).is_some_and(|account| !account.is_empty());
    if let Some(field) = Field::named("account").filter(|_| is_said) {
        match value(field, ACCOUNT) {
            Ok(value) => settings.set(field.name, value, Origin::Variable(ACCOUNT.to_owned())),
            Err(error) => wrong.push(error),
        }
    }
    let twin = profiles
        .iter()
        .find(|other| **other != profile && self::prefix(other) == prefix);
    for name in variables {
        let rest = &name[prefix.len()..];
        let belongs_elsewhere =
            |other: &String| other.len() > prefix.len() && name.starts_with(other);
        match FIELDS.iter().find(|field| field.variable() == rest) {
            Some(field) => {
                if let Some(twin) = twin {
                    wrong.push(ambiguous(&name, profile, twin));
                    continue;
                }
                match value(field, &name) {
                    Ok(value) => settings.set(field.name, value, Origin::Variable(name)),
                    Err(error) => wrong.push(error),
                }
            }
            None if OURS.contains(&&*name) || others.iter().any(belongs_elsewhere) => {}
            None => wrong.push(unknown(profile, &name, rest)),
        }
    }
    (settings, wrong)
}

/// The variables of this process that hold a secret by their name.
pub(super) fn secret_variables() -> Vec<String> {
    let secret = FIELDS.iter().filter(|field| field.shape == Shape::Secret);
    let endings: Vec<String> = secret
        .map(|field| format!("_{}", field.variable()))
        .collect();
    let is_ours = |name: &String| {
        SECRETS.contains(&&**name)
            || (name.starts_with("AUTH_") && endings.iter().any(|end| name.ends_with(end)))
    };
    let presets = Preset::ALL
        .iter()
        .flat_map(|preset| preset.secret_variables());
    crate::variables::all()
        .filter_map(|(name, _)| name.into_string().ok())
        .filter(is_ours)
        .chain(presets.map(|name| (*name).to_owned()))
        .collect()
}

fn value(field: &Field, variable: &str) -> Result<Value> {
    if field.shape == Shape::Secret {
        return Ok(Value::Secret(SecretSource::Env(variable.to_owned())));
    }
    let text = crate::variables::text(variable)
        .map_err(|_| Error::config(format!("{variable} is not a text in UTF-8")))?;
    from_variable(field.shape, &text).map_err(|what| Error::config(format!("{variable} {what}")))
}

/// Two profiles whose names differ in what no variable can tell apart.
fn ambiguous(name: &str, profile: &str, twin: &str) -> Error {
    Error::config(format!(
        "{name} sets a key of profile `{profile}` and of profile `{twin}` alike"
    ))
    .with_advice("rename one of them, or write the key into the file and unset the variable")
}

fn unknown(profile: &str, name: &str, rest: &str) -> Error {
    let error = Error::config(format!("{name} sets no key of profile `{profile}`"));
    let plain = rest.to_ascii_lowercase().replace('_', "-");
    match nearest(&plain, FIELDS.iter().map(|field| field.name)) {
        Some(near) => error.with_advice(format!("did you mean {}?", variable(profile, near))),
        None => error.with_advice("unset it"),
    }
}

const ACCOUNT: &str = "AUTH_ACCOUNT";

/// Those that hold a secret whatever the profile is.
const SECRETS: [&str; 2] = ["AUTH_TOKEN", "AZURE_CLIENT_CERTIFICATE_PASSWORD"];

/// Variables that look like those of a profile called `ca`, `emulator` or `no`.
const OURS: [&str; 3] = ["AUTH_CA_FILE", "AUTH_EMULATOR_PID", "AUTH_NO_INTERACTION"];

fn prefix(profile: &str) -> String {
    format!("AUTH_{}_", capitals(profile))
}

fn capitals(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    text.chars().map(plain).collect()
}
