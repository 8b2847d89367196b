//! The credentials file of the vendor's Python client.

use auth_core::error::Untrusted;
use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use url::Url;

use super::Credentials;

pub(super) fn read(text: &SecretString) -> Result<Credentials> {
    // Not the parser's own words: they may quote the secret.
    let file: File = serde_json::from_str(text.expose_secret()).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Error::config(format!(
            "the credentials file is not the JSON that it should be (line {line}, column {column})"
        ))
        .with_advice("download it again from the service account's page in Studio")
    })?;
    let account = file
        .service_account
        .ok_or_else(|| missing("serviceAccount"))?;
    let key_id = given(account.key_id, "serviceAccount.keyId")?;
    let secret = account
        .secret
        .filter(|secret| !secret.expose_secret().is_empty())
        .ok_or_else(|| missing("serviceAccount.secret"))?;
    let email = given(account.email, "serviceAccount.email")?;
    let algorithm = given(account.algorithm, "serviceAccount.algorithm")?;
    if algorithm != "HS256" {
        let algorithm = Untrusted::new(&algorithm).with_limit(20);
        return Err(Error::config(format!(
            "the credentials file asks for the algorithm `{algorithm}`"
        ))
        .with_advice("download it again: this vendor's service accounts sign with HS256"));
    }
    let token_url = given(account.token_endpoint, "serviceAccount.tokenEndpoint")?;
    let token_url = Url::parse(&token_url).map_err(|_| {
        Error::config("`serviceAccount.tokenEndpoint` in the credentials file is not a URL")
            .with_advice(format!("it is usually {}", super::TOKEN_URL))
    })?;
    Ok(Credentials::new(key_id, secret, email).with_token_url(token_url))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    service_account: Option<Account>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    key_id: Option<String>,
    secret: Option<SecretString>,
    email: Option<String>,
    algorithm: Option<String>,
    token_endpoint: Option<String>,
}

fn given(value: Option<String>, field: &str) -> Result<String> {
    value
        .filter(|value| !value.is_empty())
        .ok_or_else(|| missing(field))
}

fn missing(field: &str) -> Error {
    Error::config(format!("the credentials file has no `{field}`"))
        .with_advice("download it again from the service account's page in Studio")
}
