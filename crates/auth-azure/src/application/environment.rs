//! An application that variables name.

use auth_core::session::FileSecret;
use auth_core::{Error, Io, Result};
use secrecy::SecretString;

#[cfg(feature = "certificate")]
use super::Certificate;
use super::{Application, Credential};
use crate::tenant::{PUBLIC_CLOUD, Tenant};
use crate::variables::Variables;

impl Application {
    /// The application that is configured in variables, under the names of Microsoft's own libraries:
    /// `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, and `AZURE_CLIENT_SECRET` or `AZURE_CLIENT_CERTIFICATE_PATH` (with
    /// `AZURE_CLIENT_CERTIFICATE_PASSWORD` where it has one), of which the secret goes first; `AZURE_AUTHORITY_HOST` names
    /// another cloud. This library does not read them:
    /// `variable` gives the value of one. An empty one counts as not set.
    ///
    /// # Errors
    /// `Absent` where there is neither a secret nor a certificate; `Config` where something else is missing or wrong.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<SecretString>,
        io: Io,
    ) -> Result<Self> {
        let set = Variables(&variable);
        let (name, credential) = match (set.secret(SECRET), set.text(CERTIFICATE)) {
            (Some(secret), _) => (SECRET, Credential::secret(secret)),
            (None, Some(path)) => (CERTIFICATE, certificate(&path, set.secret(PASSWORD))?),
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
        let set = Variables(&variable);
        let file = set
            .text(FILE)
            .ok_or_else(|| Error::absent(format!("{FILE} is not set")))?;
        let credential = Credential::assertion(FileSecret::new(file));
        named(FILE, &credential, set, io)
    }
}

/// The application that has this credential, because `because` is set.
fn named(
    because: &str,
    credential: &Credential,
    set: Variables<'_>,
    io: Io,
) -> Result<Application> {
    let missing: Vec<_> = [TENANT, CLIENT]
        .into_iter()
        .filter(|name| !set.has(name))
        .collect();
    let (Some(tenant), Some(client)) = (set.text(TENANT), set.text(CLIENT)) else {
        return Err(Error::config(format!(
            "the application is only half configured: {because} is set, but no {}",
            missing.join(", no ")
        ))
        .with_advice(format!("set {TENANT} and {CLIENT} too, or unset {because}")));
    };
    let host = set.text(HOST);
    let tenant = Tenant::in_cloud(host.as_deref().unwrap_or(PUBLIC_CLOUD), &tenant, io)?;
    Ok(tenant.application(client, credential))
}

#[cfg(feature = "certificate")]
#[expect(
    clippy::unnecessary_wraps,
    reason = "without the feature it is an error"
)]
fn certificate(path: &str, password: Option<SecretString>) -> Result<Credential> {
    let certificate = Certificate::file(path);
    Ok(Credential::certificate(match password {
        Some(password) => certificate.with_password(password),
        None => certificate,
    }))
}

#[cfg(not(feature = "certificate"))]
fn certificate(_: &str, _: Option<SecretString>) -> Result<Credential> {
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
const PASSWORD: &str = "AZURE_CLIENT_CERTIFICATE_PASSWORD";
const FILE: &str = "AZURE_FEDERATED_TOKEN_FILE";
