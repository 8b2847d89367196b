//! The variables by which Microsoft's libraries find an application.

use std::path::{Path, PathBuf};

use auth_azure::{Certificate, Credential, PUBLIC_CLOUD, Tenant};
use auth_core::session::{FileSecret, Held, Secret};
use auth_core::{BoxFuture, Error, Grant, Io, Result};
use secrecy::SecretString;

const TENANT: &str = "AZURE_TENANT_ID";
const CLIENT: &str = "AZURE_CLIENT_ID";
const SECRET: &str = "AZURE_CLIENT_SECRET";
const CERTIFICATE: &str = "AZURE_CLIENT_CERTIFICATE_PATH";
const ASSERTION: &str = "AZURE_FEDERATED_TOKEN_FILE";
const CLOUD: &str = "AZURE_AUTHORITY_HOST";

/// A variable that says something.
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// An application with a secret or a certificate.
///
/// # Errors
/// `Absent` if there is neither, `Config` if the rest is not there.
pub(super) fn grant(scope: &str, io: &Io) -> Result<Box<dyn Grant>> {
    if let Some(secret) = variable(SECRET) {
        let secret = Credential::secret(SecretString::from(secret));
        return application(SECRET, &secret, scope, io);
    }
    match variable(CERTIFICATE) {
        Some(path) => {
            let certificate = Credential::certificate(Certificate::file(path));
            application(CERTIFICATE, &certificate, scope, io)
        }
        None => Err(Error::absent(format!(
            "neither {SECRET} nor {CERTIFICATE} is set"
        ))),
    }
}

/// An application that a cluster of Kubernetes, or something like it, vouches for.
///
/// # Errors
/// `Absent` if there is no assertion, `Config` if the rest is not there.
pub(super) fn workload_identity(scope: &str, io: &Io) -> Result<Box<dyn Grant>> {
    let path =
        variable(ASSERTION).ok_or_else(|| Error::absent(format!("{ASSERTION} is not set")))?;
    let assertion = Credential::assertion(AssertionFile::new(Path::new(&path)));
    application(ASSERTION, &assertion, scope, io)
}

fn application(
    because: &str,
    credential: &Credential,
    scope: &str,
    io: &Io,
) -> Result<Box<dyn Grant>> {
    let need = |name: &str| {
        variable(name).ok_or_else(|| {
            Error::config(format!("{because} is set and {name} is not"))
                .with_advice("set both, or neither")
        })
    };
    let cloud = variable(CLOUD);
    let cloud = cloud.as_deref().unwrap_or(PUBLIC_CLOUD);
    Tenant::in_cloud(cloud, "common", io.clone()).map_err(|error| error.context(CLOUD))?;
    let tenant = Tenant::in_cloud(cloud, &need(TENANT)?, io.clone())
        .map_err(|error| error.context(TENANT))?;
    let application = tenant.application(need(CLIENT)?, credential);
    Ok(Box::new(application.grant(scope)?))
}

/// The file of an assertion. Its folder is the cluster's, which replaces it while we run; what is wrong with it is said of
/// the variable.
#[derive(Debug)]
struct AssertionFile {
    file: FileSecret,
    path: PathBuf,
}

impl AssertionFile {
    fn new(path: &Path) -> Self {
        Self {
            file: FileSecret::new(path),
            path: path.to_owned(),
        }
    }
}

impl Secret for AssertionFile {
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let revealed = self.file.reveal(held).await;
            revealed.map_err(|error| {
                error.context(format!("{ASSERTION} names {}", self.path.display()))
            })
        })
    }
}
