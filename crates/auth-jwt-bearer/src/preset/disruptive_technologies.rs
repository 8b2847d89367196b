//! Disruptive Technologies: sensors and their REST API.
//!
//! Sources: the vendor's guide to OAuth2 with service accounts
//! (<https://developer.disruptive-technologies.com/docs/authentication/oauth2>), its Python client and
//! its Terraform provider.

mod environment;
mod file;

use std::fmt;
use std::path::Path;

use auth_core::assertion::{Algorithm, SigningKey};
use auth_core::{Error, Io, Result};
use secrecy::SecretString;
use url::Url;

use crate::ServiceAccount;

pub use environment::VARIABLES;

/// The token endpoint, which is also the `aud` of every assertion.
pub const TOKEN_URL: &str = "https://identity.disruptive-technologies.com/oauth2/token";

/// The base of the REST API.
pub const API_URL: &str = "https://api.disruptive-technologies.com/v2";

/// The base of the API that emulates sensors. It takes the same tokens.
pub const EMULATOR_URL: &str = "https://emulator.disruptive-technologies.com/v2";

/// What to do when the API answers 403: the token is good, and another one won't help.
pub const FORBIDDEN_ADVICE: &str = "the service account lacks access to this resource: add it as a \
    member of the project or the organization, with a role that allows this";

/// What identifies a service account, and where it is valid. `Debug` shows no secret.
#[derive(Clone)]
pub struct Credentials {
    key_id: String,
    secret: SecretString,
    email: String,
    token_url: Url,
    api_url: Url,
}

impl Credentials {
    /// A key of the service account `email`, at the vendor's own addresses.
    pub fn new(key_id: impl Into<String>, secret: SecretString, email: impl Into<String>) -> Self {
        Self {
            key_id: key_id.into(),
            secret,
            email: email.into(),
            token_url: published(TOKEN_URL),
            api_url: published(API_URL),
        }
    }

    /// Reads a credentials file: JSON with `keyId`, `secret`, `email`, `algorithm` and `tokenEndpoint`
    /// in `serviceAccount`, all required as in the vendor's client.
    ///
    /// # Errors
    /// `Config` that names the field that is missing or can't be used.
    pub fn from_json(text: &SecretString) -> Result<Self> {
        file::read(text)
    }

    /// Finds credentials in the environment. This library does not read it: `variable` gives the value
    /// of a variable, `read` the content of a file, such as [`FileSecret::read`](auth_core::session::FileSecret::read). An empty
    /// variable counts as not set. The first of
    /// these that is set is taken, and nothing is mixed:
    ///
    /// 1. `DT_CREDENTIALS_FILE`: the path of a credentials file, as in the vendor's client.
    /// 2. `DT_SERVICE_ACCOUNT_KEY_ID`, `DT_SERVICE_ACCOUNT_SECRET`, `DT_SERVICE_ACCOUNT_EMAIL`.
    /// 3. `DT_API_KEY_ID`, `DT_API_KEY_SECRET`, `DT_OIDC_EMAIL`, and if wanted `DT_OIDC_TOKEN_ENDPOINT`
    ///    and `DT_API_URL`, as in the vendor's Terraform provider. The last two alone mean nothing:
    ///    other vendors use such names too.
    ///
    /// # Errors
    /// `Absent` if nothing is set; `Config` if the one that counts is incomplete; those of `read`.
    pub async fn from_environment(
        variable: impl Fn(&str) -> Option<SecretString>,
        read: impl AsyncFnOnce(&Path) -> Result<SecretString>,
    ) -> Result<Self> {
        environment::find(&variable, read).await
    }

    /// Another token endpoint; the `aud` of the assertions follows it.
    #[must_use]
    pub fn with_token_url(self, token_url: Url) -> Self {
        Self { token_url, ..self }
    }

    /// Another base of the API.
    #[must_use]
    pub fn with_api_url(self, api_url: Url) -> Self {
        Self { api_url, ..self }
    }

    /// The id of the key.
    pub fn key_id(&self) -> &str {
        &self.key_id
    }

    /// The e-mail address that names the service account.
    pub fn email(&self) -> &str {
        &self.email
    }

    /// The token endpoint.
    pub fn token_url(&self) -> &Url {
        &self.token_url
    }

    /// The base of the API.
    pub fn api_url(&self) -> &Url {
        &self.api_url
    }

    /// The service account. No I/O.
    ///
    /// # Errors
    /// `Config` if the key id or the e-mail has white space in it, or if at the vendor's own token endpoint the e-mail is
    /// not one of a service account: the server would only say `Untrusted entity`.
    pub fn service_account(&self, io: Io) -> Result<ServiceAccount> {
        for (what, text) in [("key id", &self.key_id), ("e-mail", &self.email)] {
            if text.contains(|c: char| c.is_whitespace() || c.is_control()) {
                return Err(Error::config(format!(
                    "the {what} of the service account has white space in it"
                ))
                .with_advice("give it alone, as Studio shows it"));
            }
        }
        if self.token_url == published(TOKEN_URL) && !is_service_account(&self.email) {
            let advice = if is_service_account(&self.key_id) {
                "exchange the two: the key id is the e-mail"
            } else {
                "copy the e-mail from the service account's page in Studio"
            };
            return Err(Error::config(format!(
                "the e-mail is not that of a service account, …@….{SERVICE_ACCOUNTS}"
            ))
            .with_advice(advice));
        }
        let key = SigningKey::new(self.secret.clone())
            .with_algorithm(Algorithm::Hs256)
            .with_id(&self.key_id);
        Ok(ServiceAccount::new(
            self.token_url.clone(),
            &self.email,
            key,
            io,
        ))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("key_id", &self.key_id)
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}

fn is_service_account(email: &str) -> bool {
    email
        .split_once('@')
        .and_then(|(name, domain)| Some((name, domain.strip_suffix(SERVICE_ACCOUNTS)?)))
        .is_some_and(|(name, project)| {
            !name.is_empty() && project.len() > 1 && project.ends_with('.')
        })
}

fn published(url: &'static str) -> Url {
    Url::parse(url).expect("a published URL is a URL")
}

const SERVICE_ACCOUNTS: &str = "serviceaccount.d21s.com";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_published_url_is_one_and_stays_as_it_is_written() {
        for url in [TOKEN_URL, API_URL, EMULATOR_URL] {
            assert_eq!(published(url).as_str(), url);
        }
    }

    #[test]
    fn an_e_mail_of_a_service_account_is_told_from_other_text() {
        assert!(is_service_account(
            "b5rj9ed7rihk942p48og@b6sfpst7rihg0dm4v0a0.serviceaccount.d21s.com"
        ));
        for other in [
            "b5rj9ed7rihk942p48og",
            "me@d21s.com",
            "a@serviceaccount.d21s.com",
            "@p.serviceaccount.d21s.com",
            "a@p.serviceaccount.d21s.com ",
        ] {
            assert!(!is_service_account(other), "{other}");
        }
    }
}
