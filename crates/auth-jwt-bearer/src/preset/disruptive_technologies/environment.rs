//! Credentials in variables.

use std::path::Path;

use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::Credentials;

/// The variables that [`Credentials::from_environment`] asks for.
pub const VARIABLES: [&str; 9] = [
    FILE,
    OWN[0],
    OWN[1],
    OWN[2],
    TERRAFORM[0],
    TERRAFORM[1],
    TERRAFORM[2],
    TERRAFORM_TOKEN_URL,
    TERRAFORM_API_URL,
];

type Lookup<'a> = &'a dyn Fn(&str) -> Option<SecretString>;

pub(super) async fn find(
    variable: Lookup<'_>,
    read: impl AsyncFnOnce(&Path) -> Result<SecretString>,
) -> Result<Credentials> {
    let variable: Lookup<'_> =
        &|name| variable(name).filter(|value| !value.expose_secret().is_empty());
    if let Some(path) = variable(FILE) {
        return from_file(Path::new(path.expose_secret()), read).await;
    }
    if let Some(credentials) = family(OWN, variable)? {
        return Ok(credentials);
    }
    let Some(credentials) = family(TERRAFORM, variable)? else {
        return Err(
            Error::absent("no service account of Disruptive Technologies is configured")
                .with_advice(format!(
                    "set {FILE}, or {}, {} and {}",
                    OWN[0], OWN[1], OWN[2]
                )),
        );
    };
    let credentials = match url(TERRAFORM_TOKEN_URL, variable)? {
        Some(url) => credentials.with_token_url(url),
        None => credentials,
    };
    Ok(match url(TERRAFORM_API_URL, variable)? {
        Some(url) => credentials.with_api_url(url),
        None => credentials,
    })
}

async fn from_file(
    path: &Path,
    read: impl AsyncFnOnce(&Path) -> Result<SecretString>,
) -> Result<Credentials> {
    let text = read(path).await.map_err(|error| {
        error
            .context(FILE)
            .with_advice("correct the path, or unset the variable to use the others")
    })?;
    super::file::read(&text).map_err(|error| error.context(path.display()))
}

/// The credentials in three variables: all of them, or none.
fn family(names: [&str; 3], variable: Lookup<'_>) -> Result<Option<Credentials>> {
    match names.map(variable) {
        [None, None, None] => Ok(None),
        [Some(key_id), Some(secret), Some(email)] => Ok(Some(Credentials::new(
            key_id.expose_secret(),
            secret,
            email.expose_secret(),
        ))),
        values => {
            let missing: Vec<&str> = names
                .into_iter()
                .zip(&values)
                .filter_map(|(name, value)| value.is_none().then_some(name))
                .collect();
            Err(Error::config(format!(
                "the service account is only half configured: no {}",
                missing.join(", no ")
            ))
            .with_advice(format!("set all of {}, or none", names.join(", "))))
        }
    }
}

fn url(name: &str, variable: Lookup<'_>) -> Result<Option<Url>> {
    let Some(value) = variable(name) else {
        return Ok(None);
    };
    let url = Url::parse(value.expose_secret()).map_err(|_| {
        Error::config(format!("{name} is not a URL")).with_advice("correct or unset it")
    })?;
    Ok(Some(url))
}

const FILE: &str = "DT_CREDENTIALS_FILE";
const OWN: [&str; 3] = [
    "DT_SERVICE_ACCOUNT_KEY_ID",
    "DT_SERVICE_ACCOUNT_SECRET",
    "DT_SERVICE_ACCOUNT_EMAIL",
];
const TERRAFORM: [&str; 3] = ["DT_API_KEY_ID", "DT_API_KEY_SECRET", "DT_OIDC_EMAIL"];
const TERRAFORM_TOKEN_URL: &str = "DT_OIDC_TOKEN_ENDPOINT";
const TERRAFORM_API_URL: &str = "DT_API_URL";
