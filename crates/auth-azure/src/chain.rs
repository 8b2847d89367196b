//! [`chain`]: wherever a program runs.

use std::path::Path;

use auth_core::{CachedSource, Chain, Io, Result};
use secrecy::SecretString;

use crate::managed_identity::resource;
use crate::variables::Variables;
use crate::{Application, Identity, ManagedIdentity};

/// The sources of Azure that ask nobody, in the order of Microsoft's own libraries, so that the same program works
/// wherever it runs: an [application](Application::from_environment) in variables, a Kubernetes cluster's [workload
/// identity](Application::from_workload), a [managed identity](ManagedIdentity::from_environment), which is the one that
/// `AZURE_CLIENT_ID` names if that is set. Put after them what a developer's machine has, an
/// [`AzureCli`](crate::AzureCli) or a [`Person`](crate::Person), with [`Chain::with`].
///
/// The tokens are for the API that is called `resource`, or `<resource>/.default`. No I/O: `variable` and `exists` are as for
/// [`ManagedIdentity::from_environment`], and `io` must allow link-local addresses.
///
/// ```
/// # use auth_azure::AzureCli;
/// # use auth_core::{Chain, Io};
/// # fn job(az: AzureCli, variable: impl Fn(&str) -> Option<secrecy::SecretString>) -> Chain {
/// let api = "https://vault.azure.net";
/// auth_azure::chain(api, variable, |path| path.exists(), &Io::link_local())
///     .with("Azure CLI", az.source(api))
/// # }
/// ```
pub fn chain(
    resource: &str,
    variable: impl Fn(&str) -> Option<SecretString>,
    exists: impl Fn(&Path) -> bool,
    io: &Io,
) -> Chain {
    let application = |found: Result<Application>| -> Result<CachedSource> {
        found?.source(&format!("{}/.default", self::resource(resource)?))
    };
    Chain::new()
        .with(
            "environment",
            application(Application::from_environment(&variable, io.clone())),
        )
        .with(
            "workload identity",
            application(Application::from_workload(&variable, io.clone())),
        )
        .with("managed identity", managed(resource, &variable, exists, io))
}

fn managed(
    resource: &str,
    variable: &impl Fn(&str) -> Option<SecretString>,
    exists: impl Fn(&Path) -> bool,
    io: &Io,
) -> Result<CachedSource> {
    let here = ManagedIdentity::from_environment(variable, exists, io.clone())?;
    let named = Variables(variable).text("AZURE_CLIENT_ID");
    let here = match named {
        Some(id) if here.has_a_choice() => here.with_identity(Identity::ClientId(id)),
        _ => here,
    };
    here.source(resource)
}
