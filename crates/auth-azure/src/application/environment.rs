//! An application that variables name.

use auth_core::session::FileSecret;
use auth_core::{Error, Io, Result};
use secrecy::{ExposeSecret, SecretString};

#[cfg(feature = "certificate")]
use super::Certificate;
use super::{Application, Credential};
use crate::tenant::{PUBLIC_CLOUD, Tenant};

type Lookup<'a> = &'a dyn Fn(&str) -> Option<SecretString>;

impl Application {
    /// The application that is configured in variables, under the names of Microsoft's own libraries:
    /// `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, and `AZURE_CLIENT_SECRET` or `AZURE_CLIENT_CERTIFICATE_PATH` (a PEM file), of
    /// which the secret goes first; `AZURE_AUTHORITY_HOST` names another cloud. This library does not read them:
    /// `variable` gives the value of one. An empty one counts as not set.
    ///
    /// # Errors
    /// `Absent` where there is neither a secret nor a certificate; `Config` where something else is missing or wrong.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<SecretString>,
        io: Io,
    ) -> Result<Self> {
        let set: Lookup<'_> =
            &|name| variable(name).filter(|value| !value.expose_secret().is_empty());
        let (name, credential) = match (set(SECRET), set(CERTIFICATE)) {
            (Some(secret), _) => (SECRET, Credential::secret(secret)),
            (None, Some(path)) => (CERTIFICATE, certificate(path.expose_secret())?),
            (None, None) => {
                return Err(Error::absent(format!(
                    "neither {SECRET} nor {CERTIFICATE} is set"
                )));
            }
        };
        named(name, &credential, set, io)
    }

    /// The application that a Kubernetes cluster with workload identity gives to a program: `AZURE_TENANT_ID`,
    /// `AZURE_CLIENT_ID` and `AZURE_FEDERATED_TOKEN_FILE`, which is read anew for each request because the cluster replaces it;
    /// `AZURE_AUTHORITY_HOST` names another cloud.
    ///
    /// # Errors
    /// `Absent` where no file is named; `Config` where something else is missing or wrong.
    pub fn from_workload(variable: impl Fn(&str) -> Option<SecretString>, io: Io) -> Result<Self> {
        let set: Lookup<'_> =
            &|name| variable(name).filter(|value| !value.expose_secret().is_empty());
        let file = set(FILE).ok_or_else(|| Error::absent(format!("{FILE} is not set")))?;
        let credential = Credential::assertion(FileSecret::new(file.expose_secret()));
        named(FILE, &credential, set, io)
    }
}

/// The application that has this credential, because `because` is set.
fn named(because: &str, credential: &Credential, set: Lookup<'_>, io: Io) -> Result<Application> {
    let missing: Vec<_> = [TENANT, CLIENT]
        .into_iter()
        .filter(|name| set(name).is_none())
        .collect();
    let (Some(tenant), Some(client)) = (set(TENANT), set(CLIENT)) else {
        return Err(Error::config(format!(
            "the application is only half configured: {because} is set, but no {}",
            missing.join(", no ")
        ))
        .with_advice(format!("set {TENANT} and {CLIENT} too, or unset {because}")));
    };
    let host = set(HOST);
    let host = host
        .as_ref()
        .map_or(PUBLIC_CLOUD, |host| host.expose_secret());
    let tenant = Tenant::in_cloud(host, tenant.expose_secret(), io)?;
    Ok(tenant.application(client.expose_secret(), credential))
}

#[cfg(feature = "certificate")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature it is an error"
)]
fn certificate(path: &str) -> Result<Credential> {
    Ok(Credential::certificate(Certificate::file(path)))
}

#[cfg(not(feature = "certificate"))]
fn certificate(_: &str) -> Result<Credential> {
    Err(Error::config(format!(
        "{CERTIFICATE} is set, and this program can't use certificates"
    ))
    .with_advice("give a secret, or build it with the feature certificate of auth-azure"))
}

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const HOST: &str = "AZURE_AUTHORITY_HOST";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
