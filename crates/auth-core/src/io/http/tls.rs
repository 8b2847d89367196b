//! [`Tls`]: whom to believe over TLS, and what is known from earlier connections.

mod authorities;

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use rustls::ClientConfig;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;

use self::authorities::Authorities;
use super::ca_file;
use super::per_runtime::{self, PerRuntime};
use crate::error::{Error, Result};

/// How the connections of a client are encrypted, whatever their route. The platform's authorities are read once: that
/// takes longer than all that follows.
///
/// A new connection to a server that is known is resumed (RFC 8446 §2.2), which costs neither side a signature. It carries
/// no request before the server has answered (no 0-RTT), so none can be sent again by somebody else.
#[derive(Default)]
pub(super) struct Tls {
    /// A file of certificates that are trusted, too.
    ca_file: Option<PathBuf>,
    /// What was in that file: a pipe can be read only once.
    certificates: OnceLock<Vec<CertificateDer<'static>>>,
    authorities: OnceLock<Arc<Authorities>>,
    /// For each runtime, since there is a lock around what sessions are resumed by.
    configs: PerRuntime<(), ClientConfig>,
}

impl Tls {
    pub(super) fn with(ca_file: PathBuf) -> Self {
        Self {
            ca_file: Some(ca_file),
            ..Self::default()
        }
    }

    /// One that has not read anything yet.
    pub(super) fn anew(&self) -> Self {
        Self {
            ca_file: self.ca_file.clone(),
            ..Self::default()
        }
    }

    pub(super) fn ca_file(&self) -> Option<&Path> {
        self.ca_file.as_deref()
    }

    /// Reads the file of certificates, if there is one and it was not read yet.
    pub(super) async fn load(&self) -> Result<()> {
        let Some(path) = self
            .ca_file
            .clone()
            .filter(|_| self.certificates.get().is_none())
        else {
            return Ok(());
        };
        per_runtime::runtime()?;
        let read = ca_file::load(path).await?;
        self.certificates.get_or_init(|| read);
        Ok(())
    }

    /// What is trusted beside the platform's authorities, after it was [read](Self::load).
    pub(super) fn certificates(&self) -> &[CertificateDer<'static>] {
        self.certificates.get().map_or(&[], Vec::as_slice)
    }

    /// The settings of this runtime, with those [certificates](Self::certificates).
    pub(super) fn config(&self) -> Result<ClientConfig> {
        let build = || self.build().map_err(|error| unusable().with_source(error));
        self.configs.get((), build)
    }

    fn build(&self) -> Result<ClientConfig, rustls::Error> {
        let provider = CryptoProvider::get_default().cloned();
        let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
        let authorities = match self.authorities.get() {
            Some(known) => known.clone(),
            None => {
                let read = Arc::new(Authorities::with(self.certificates(), provider.clone())?);
                self.authorities.get_or_init(|| read).clone()
            }
        };
        let mut config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .dangerous()
            .with_custom_certificate_verifier(authorities)
            .with_no_client_auth();
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

/// Nothing can be encrypted.
pub(super) fn unusable() -> Error {
    Error::config("TLS can't be set up")
        .with_advice(
            "see that this machine has a store of CA certificates (the package ca-certificates), or name a file of them as CA file",
        )
        .with_nothing_sent()
}
