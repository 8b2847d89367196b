//! [`Value`]: what a key of a profile may hold.

use std::fmt;
use std::path::{Path, PathBuf};

use url::Url;

use crate::args::wait;
use crate::config::nearest::nearest;
use crate::config::{Field, Shape};
use crate::secret::SecretSource;

/// What a key may hold.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Text(String),
    List(Vec<String>),
    Url(Url),
    Path(PathBuf),
    Secret(SecretSource),
}

impl fmt::Display for Value {
    /// Where a secret is, never the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::List(list) => f.write_str(&list.join(" ")),
            Self::Url(url) => f.write_str(&auth_core::http::shown(url)),
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Secret(source) => source.fmt(f),
        }
    }
}

/// Whether the key `name` can have this text. The error says what is wrong with it, without quoting it.
pub(crate) fn ensure_fits(name: &str, text: &str) -> Result<(), String> {
    match Field::named(name) {
        Some(field) => from_text(field.shape, text, Path::new("")).map(drop),
        None => Ok(()),
    }
}

/// A value that was written as one text. The error says what is wrong with it, without quoting it.
pub(super) fn from_text(shape: Shape, text: &str, directory: &Path) -> Result<Value, String> {
    match shape {
        Shape::Text => Ok(Value::Text(text.to_owned())),
        Shape::List => Ok(Value::List(
            text.split_whitespace().map(str::to_owned).collect(),
        )),
        Shape::Url => match Url::parse(text) {
            Ok(url) if !url.username().is_empty() || url.password().is_some() => {
                Err("has a user or password in it; give them by their own keys".into())
            }
            // `https:/path` would be read as if its path were a host.
            Ok(url) if url.has_host() && has_authority(text) => Ok(Value::Url(url)),
            _ => Err("must be a whole URL, such as https://example.org/path".into()),
        },
        Shape::Path if text.is_empty() => Err("must name a file".into()),
        Shape::Path => Ok(Value::Path(resolve(text, directory))),
        Shape::Choice(choices) if choices.contains(&text) => Ok(Value::Text(text.to_owned())),
        Shape::Choice(choices) => {
            let plain = text.to_ascii_lowercase().replace(['_', ' '], "-");
            let other = OTHER_NAMES.iter().find(|(name, _)| *name == plain);
            let near = match other.filter(|(_, ours)| choices.contains(ours)) {
                Some((_, ours)) => Some(*ours),
                None => nearest(text, choices.iter().copied()),
            };
            let near = near.map(|near| format!("; did you mean `{near}`?"));
            let near = near.unwrap_or_default();
            Err(format!("must be one of {}{near}", choices.join(", ")))
        }
        Shape::Switch if ["true", "false"].contains(&text) => Ok(Value::Text(text.to_owned())),
        Shape::Switch => Err("must be true or false".into()),
        Shape::Duration => match wait(text) {
            Ok(_) => Ok(Value::Text(text.to_owned())),
            Err(why) => Err(format!("is no length of time: {why}")),
        },
        Shape::Secret => Err("must not be a text".into()),
    }
}

/// Whether a host stands behind two slashes.
fn has_authority(url: &str) -> bool {
    let behind = url.split_once("://").map(|(_, rest)| rest);
    behind.is_some_and(|rest| !rest.starts_with(['/', '\\']))
}

/// What others call a choice of ours: RFC 7591 §2, and the grants by their names.
const OTHER_NAMES: [(&str, &str); 14] = [
    ("aad", "entra"),
    ("authorization-code", "oidc"),
    ("azure", "entra"),
    ("client-secret-basic", "basic"),
    ("client-secret-post", "body"),
    ("device-code", "oidc"),
    ("header", "basic"),
    ("jwt", "jwt-bearer"),
    ("m2m", "client-credentials"),
    ("msi", "managed-identity"),
    ("openid", "oidc"),
    ("post", "body"),
    ("public", "none"),
    ("service-account", "jwt-bearer"),
];

/// A path of the file: `~/` is the home directory, and a relative one starts beside the file.
pub(super) fn resolve(text: &str, directory: &Path) -> PathBuf {
    match (text.strip_prefix("~/"), etcetera::home_dir()) {
        (Some(rest), Ok(home)) => home.join(rest),
        _ => directory.join(text),
    }
}
