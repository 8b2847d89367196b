//! [`Host`]: what gives a program its identity, and how it is asked.

use std::fmt;
use std::path::PathBuf;

use auth_core::error::Untrusted;
use auth_core::http::{Body, is_link_local, may_carry_secrets};
use auth_core::{Error, Result};
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderName, HeaderValue, Method, Request, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::metadata::{METADATA, finished};
use super::{Identity, cloud_shell};

/// Where a program may run. `Debug` shows no secret.
#[derive(Clone)]
pub(super) enum Host {
    /// A virtual machine, or what is taken for one because no variable says otherwise.
    Imds { endpoint: Url, is_guess: bool },
    /// App Service, Functions, Container Apps, Automation.
    App { endpoint: Url, header: SecretString },
    /// A server of Azure Arc; `keys` is the folder of its agent's keys.
    Arc { endpoint: Url, keys: PathBuf },
    /// Cloud Shell, which knows the person who opened it and nobody else.
    CloudShell(Url),
}

impl Host {
    pub(super) fn endpoint(&self) -> &Url {
        match self {
            Self::CloudShell(endpoint)
            | Self::Imds { endpoint, .. }
            | Self::App { endpoint, .. }
            | Self::Arc { endpoint, .. } => endpoint,
        }
    }

    /// What proves that the program is the app.
    pub(super) fn header(&self) -> Option<&SecretString> {
        match self {
            Self::App { header, .. } => Some(header),
            _ => None,
        }
    }

    /// Makes sure that the identity can be named here.
    pub(super) fn ensure_knows(&self, identity: &Identity) -> Result<()> {
        match (self, identity) {
            (Self::CloudShell(_), Identity::System) => Ok(()),
            (Self::CloudShell(_), _) => Err(Error::config(format!(
                "Cloud Shell has the identity of the person who opened it, and not {}",
                Untrusted::new(&identity.to_string())
            ))
            .with_advice("leave the identity away")),
            _ => Ok(()),
        }
    }

    /// The parameter that names the identity here.
    pub(super) fn parameter<'a>(&self, identity: &'a Identity) -> Option<(&'a str, &'a str)> {
        identity.parameter(match self {
            Self::App { .. } => "mi_res_id",
            _ => "msi_res_id",
        })
    }

    /// Whether the status means that it will work in a while. The metadata service of a virtual machine is away for a
    /// moment when it is brought up to date: 404 and 410 say so.
    pub(super) fn may_come_back(&self, status: StatusCode) -> bool {
        let updating = matches!(status, StatusCode::NOT_FOUND | StatusCode::GONE);
        status == StatusCode::TOO_MANY_REQUESTS
            || status.is_server_error()
            || (updating && matches!(self, Self::Imds { .. }))
    }

    /// Asks for a token. `key` is the answer to the agent's challenge.
    pub(super) fn request(
        &self,
        resource: &str,
        identity: &Identity,
        key: Option<&SecretString>,
    ) -> Result<Request<Body>> {
        if let Self::CloudShell(endpoint) = self {
            return cloud_shell::request(endpoint, resource);
        }
        let (version, secret) = match self {
            Self::App { header, .. } => ("2019-08-01", Some((X_IDENTITY_HEADER, secret(header)?))),
            Self::Arc { .. } => ("2020-06-01", None),
            _ => ("2018-02-01", None),
        };
        let mut url = self.endpoint().clone();
        url.query_pairs_mut()
            .append_pair("api-version", version)
            .append_pair("resource", resource)
            .extend_pairs(self.parameter(identity));
        let mut request = Request::builder()
            .method(Method::GET)
            .uri(url.as_str())
            .header(ACCEPT, "application/json")
            .header(METADATA, "true");
        if let Some((name, value)) = secret {
            request = request.header(name, value);
        }
        if let Some(key) = key {
            let value = format!("Basic {}", key.expose_secret());
            request = request.header(AUTHORIZATION, self::secret(&value.into())?);
        }
        finished(request, Body::empty())
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Imds { .. } => "the metadata service of this machine (IMDS)",
            Self::App { .. } => "the identity endpoint of this app",
            Self::Arc { .. } => "the agent of Azure Arc",
            Self::CloudShell(_) => "Cloud Shell",
        };
        f.write_str(name)
    }
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint().origin().ascii_serialization();
        write!(f, "{self} at {endpoint}")
    }
}

/// An address that may be sent what is secret: https, or so near that nobody listens.
pub(super) fn checked(endpoint: Url) -> Result<Url> {
    let near = endpoint.scheme() == "http" && is_link_local(&endpoint);
    if may_carry_secrets(&endpoint) || near {
        return Ok(endpoint);
    }
    Err(
        Error::config("the endpoint of a managed identity is neither https nor on this machine")
            .with_advice("give the one that Azure set in IDENTITY_ENDPOINT"),
    )
}

/// A header's value that logs do not show.
fn secret(value: &SecretString) -> Result<HeaderValue> {
    let mut value = HeaderValue::try_from(value.expose_secret()).map_err(|_| {
        Error::config("the secret of the managed identity can't stand in a header")
            .with_advice("see whether IDENTITY_HEADER, or the agent's key, is damaged")
            .with_nothing_sent()
    })?;
    value.set_sensitive(true);
    Ok(value)
}

const X_IDENTITY_HEADER: HeaderName = HeaderName::from_static("x-identity-header");
