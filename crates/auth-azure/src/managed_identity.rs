//! [`ManagedIdentity`]: who a program is where it runs in Azure, without a secret.

mod answer;
mod arc;
mod cloud_shell;
mod environment;
mod expiry;
mod grant;
mod host;
mod identity;
mod imds;
mod metadata;
mod tries;

use std::fmt;
use std::path::{Path, PathBuf};

use auth_core::error::Untrusted;
use auth_core::{CachedSource, Error, Io, Result};
use secrecy::SecretString;
use url::Url;

use self::grant::ManagedIdentityGrant;
use self::host::Host;
pub use self::identity::Identity;
use crate::variables::Variables;

/// The identity that Azure gives to what runs there: a virtual machine, an app, a server of Azure Arc. Cheap to clone;
/// making one does no I/O.
///
/// Its tokens come from a metadata service of the machine, by plain http to loopback or to a link-local address, so the
/// [`Io`] must allow that: [`Io::link_local`] does. There is no refresh token; tokens of two hours and more are renewed at
/// half of their life, others as everywhere.
///
/// ```
/// # use auth_azure::ManagedIdentity;
/// # use auth_core::{CachedSource, Io, Result};
/// # fn job(variable: impl Fn(&str) -> Option<secrecy::SecretString>) -> Result<CachedSource> {
/// let here = ManagedIdentity::from_environment(variable, |path| path.exists(), Io::link_local())?;
/// here.source("https://vault.azure.net")
/// # }
/// ```
#[derive(Clone)]
pub struct ManagedIdentity {
    host: Host,
    identity: Identity,
    io: Io,
}

impl ManagedIdentity {
    /// Finds out where the program runs, as Microsoft's own libraries do. This library reads neither variables nor
    /// files: `variable` gives the value of a variable, `exists` says whether there is such a file. An empty variable
    /// counts as not set. The first that fits is taken:
    ///
    /// 1. `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`: App Service, Functions, Container Apps, Automation.
    /// 2. `IDENTITY_ENDPOINT` and `IMDS_ENDPOINT`, or the agent's program: a server of Azure Arc.
    /// 3. `MSI_ENDPOINT` alone: Cloud Shell.
    /// 4. otherwise a virtual machine, whose metadata service has the same address everywhere, unless
    ///    `AZURE_POD_IDENTITY_AUTHORITY_HOST` names another.
    ///
    /// # Errors
    /// `Config` where the variables are half set, name no usable address, or are those of Service Fabric or Azure Machine
    /// Learning, which are not supported.
    pub fn from_environment(
        variable: impl Fn(&str) -> Option<SecretString>,
        exists: impl Fn(&Path) -> bool,
        io: Io,
    ) -> Result<Self> {
        let host = environment::host(Variables(&variable), &exists)?;
        Ok(Self::of(host, io))
    }

    /// A virtual machine's, by its Instance Metadata Service (IMDS).
    pub fn virtual_machine(io: Io) -> Self {
        let endpoint = imds::published();
        let is_guess = false;
        Self::of(Host::Imds { endpoint, is_guess }, io)
    }

    /// That of an app: of App Service, Functions, Container Apps or Automation. Both are given to the app in
    /// `IDENTITY_ENDPOINT` and `IDENTITY_HEADER`.
    ///
    /// # Errors
    /// `Config` where the endpoint is neither https nor near: the header would go to anybody.
    pub fn app(endpoint: Url, header: SecretString, io: Io) -> Result<Self> {
        let endpoint = host::checked(endpoint)?;
        Ok(Self::of(Host::App { endpoint, header }, io))
    }

    /// That of a server of Azure Arc, whose agent is at `endpoint` and keeps its keys in the folder `keys`.
    ///
    /// # Errors
    /// `Config` where the endpoint is neither https nor near.
    pub fn arc(endpoint: Url, keys: impl Into<PathBuf>, io: Io) -> Result<Self> {
        let (endpoint, keys) = (host::checked(endpoint)?, keys.into());
        Ok(Self::of(Host::Arc { endpoint, keys }, io))
    }

    /// Another identity than the one that belongs to the machine or app itself: one that was assigned to it. Where nobody
    /// may choose, [`source`](Self::source) says so.
    #[must_use]
    pub fn with_identity(self, identity: Identity) -> Self {
        Self { identity, ..self }
    }

    /// Tokens for the API that is called `resource`, such as `https://vault.azure.net` or `api://<id>`. The scope
    /// `<resource>/.default` means the same.
    ///
    /// # Errors
    /// `Config` where the identity can't be chosen there, or the resource is empty or several.
    pub fn source(&self, resource: &str) -> Result<CachedSource> {
        Ok(CachedSource::new(self.grant(resource)?, self.io.clone()))
    }

    /// The grant of [`source`](Self::source), to cache in one's own way.
    ///
    /// # Errors
    /// As [`source`](Self::source).
    pub fn grant(&self, resource: &str) -> Result<impl auth_core::Grant + use<>> {
        self.host.ensure_knows(&self.identity)?;
        let resource = self::resource(resource)?;
        Ok(ManagedIdentityGrant {
            host: self.host.clone(),
            identity: self.identity.clone(),
            resource: resource.to_owned(),
            io: self.io.clone(),
        })
    }

    /// Whether it is anybody's affair which identity is taken.
    pub(crate) fn has_a_choice(&self) -> bool {
        !matches!(self.host, Host::CloudShell(_))
    }

    fn of(host: Host, io: Io) -> Self {
        Self {
            host,
            identity: Identity::System,
            io,
        }
    }
}

impl fmt::Debug for ManagedIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ManagedIdentity")
            .field("host", &self.host)
            .field("identity", &self.identity)
            .finish_non_exhaustive()
    }
}

/// The resource alone, as these services ask for it.
pub(crate) fn resource(text: &str) -> Result<&str> {
    let resource = text.strip_suffix("/.default").unwrap_or(text);
    if resource.is_empty() || resource.contains(char::is_whitespace) {
        return Err(Error::config(format!(
            "`{}` names no API, and a token is for one",
            Untrusted::new(text)
        ))
        .with_advice("give the API's identifier, such as https://vault.azure.net or api://<id>"));
    }
    Ok(resource)
}
