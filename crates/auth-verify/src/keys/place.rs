//! [`Place`]: where a key set is.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{Error, ErrorKind, Provider, Result};
use url::{Host, Url};

use super::source::KeySource;
use crate::Algorithm;

#[derive(Clone)]
pub(super) enum Place {
    Url(Url),
    Discovered {
        provider: Provider,
        /// Beside the issuer's own.
        hosts: Vec<String>,
    },
    File(PathBuf),
    Source(Arc<dyn KeySource>),
}

impl Place {
    /// What is wrong with the set that was found here. Nobody but whoever wrote a file can mend it.
    pub(super) fn blamed(&self, error: Error) -> Error {
        match self {
            Self::File(path) => {
                Error::config(format!("{}: {error}", path.display())).with_source(error)
            }
            _ => error,
        }
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Url(url) => write!(f, "{}{}", url.origin().ascii_serialization(), url.path()),
            Self::Discovered { provider, .. } => provider.fmt(f),
            Self::File(path) => path.fmt(f),
            Self::Source(source) => source.fmt(f),
        }
    }
}

/// The URL of the keys that the issuer's metadata name, and what they say an RSA key is for that names no algorithm.
pub(super) async fn discover(
    provider: &Provider,
    hosts: &[String],
) -> Result<(Url, Vec<Algorithm>)> {
    let metadata = provider.metadata().await.map_err(permanent)?;
    let url = metadata.jwks_uri.clone().ok_or_else(|| {
        let issuer = Untrusted::new(provider.issuer());
        Error::config(match metadata.fault("jwks_uri") {
            Some(fault) => format!("the metadata of {issuer} name {fault}"),
            None => format!("{issuer} names no jwks_uri"),
        })
        .with_advice("give the URL of the keys")
    })?;
    ensure_usable(&url)?;
    let own = Url::parse(provider.issuer()).ok();
    let own = own.as_ref().and_then(Url::host_str);
    let host = url.host_str().unwrap_or_default();
    if own != Some(host) && !hosts.iter().any(|other| other == host) {
        return Err(Error::config(format!(
            "{} keeps its keys on another host, {}",
            Untrusted::new(provider.issuer()),
            Untrusted::new(host)
        ))
        .with_advice(
            "if that is right, let the host in (`Keys::with_host`, `--keys-host` in the program), or give the URL of the keys",
        ));
    }
    let named = metadata.id_token_signing_alg_values_supported.iter();
    let named = named.flatten().filter_map(|name| Algorithm::of_name(name));
    Ok((url, named.filter(|one| one.is_rsa()).collect()))
}

/// What no other try can mend, as what it is: something is configured wrongly.
fn permanent(error: Error) -> Error {
    match error.kind() {
        ErrorKind::Protocol => Error::config(error.to_string()).with_source(error),
        _ => error,
    }
}

/// A host, as URLs spell it.
pub(super) fn host(name: &str) -> Result<String> {
    let host = Host::parse(name).map_err(|_| {
        Error::config(format!("`{}` is no host", Untrusted::new(name)))
            .with_advice("give its name alone, without `https://`, port and path")
    })?;
    Ok(host.to_string())
}

/// https, or http to loopback; no user, no fragment.
pub(super) fn ensure_usable(url: &Url) -> Result<()> {
    let plain = url.username().is_empty() && url.password().is_none() && url.fragment().is_none();
    if may_carry_secrets(url) && plain {
        return Ok(());
    }
    Err(
        Error::config("the URL of the keys is not a plain https URL")
            .with_advice(
            "use https without user and fragment; plain http is for loopback only: inside a cluster, fetch them as you trust \
             it and hand them in (`Keys::from_source`), or name a file",
        ),
    )
}
