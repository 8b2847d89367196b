//! [`Repository`] as its server finds it in its environment.

use auth_core::{Error, Result};
use url::Url;

use super::repository::Repository;
use super::settings::Provider;

impl Repository {
    /// The settings that its server finds in its environment: `AUTH_PROVIDER` (`azure` where it is not set, `keycloak`,
    /// `both`), `AZURE_APPLICATION_ID` and `AZURE_LOGIN_URL`, `KEYCLOAK_URL`, `KEYCLOAK_ISSUER_URL`, `KEYCLOAK_REALM` and
    /// `KEYCLOAK_CLIENT_ID`. `BYPASS_AUTH` is not looked at.
    ///
    /// # Errors
    /// `Config` if one that is needed is not set, or can't be right.
    pub fn from_environment(variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        let set = |name: &str| variable(name).filter(|value| !value.is_empty());
        let needed = |name: &str| {
            set(name).ok_or_else(|| {
                Error::config(format!("{name} is not set"))
                    .with_advice("set it as for the server of the repository")
            })
        };
        let provider =
            set("AUTH_PROVIDER").map_or(Ok(Provider::Azure), |name| Provider::named(&name))?;
        let azure = || {
            let url = needed("AZURE_LOGIN_URL")?;
            let last = url.trim_end_matches('/').rsplit('/').next();
            let tenant = last.and_then(crate::entra::guid).ok_or_else(|| {
                Error::config("AZURE_LOGIN_URL does not end with the GUID of a tenant")
                    .with_advice("https://login.microsoftonline.com/<tenant>")
            })?;
            Ok::<_, Error>(Self::azure(tenant, needed("AZURE_APPLICATION_ID")?))
        };
        let keycloak = || {
            let url = match set("KEYCLOAK_ISSUER_URL") {
                Some(url) => url,
                None => needed("KEYCLOAK_URL")?,
            };
            let realm = set("KEYCLOAK_REALM").unwrap_or_else(|| "destiny".to_owned());
            let issuer = format!("{}/realms/{realm}", url.trim_end_matches('/'));
            let mut repository = Self::keycloak(issuer, needed("KEYCLOAK_CLIENT_ID")?);
            if let (Some(url), Some(found)) = (set("KEYCLOAK_URL"), &mut repository.keycloak) {
                let url = format!("{}/realms/{realm}", url.trim_end_matches('/'));
                let url = Url::parse(&url).map_err(|_| Error::config("KEYCLOAK_URL is no URL"))?;
                found.inside = Some(url);
            }
            Ok::<_, Error>(repository)
        };
        match provider {
            Provider::Azure => azure(),
            Provider::Keycloak => keycloak(),
            Provider::Both => Ok(azure()?.and(keycloak()?)),
        }
    }
}
