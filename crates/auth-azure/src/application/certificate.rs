//! [`Certificate`]: a certificate that is registered for an application, and its key.

use std::path::PathBuf;
use std::sync::Arc;

use auth_core::assertion::{Algorithm, Assertion, SigningKey};
use auth_core::session::{FileSecret, Held, Secret};
use auth_core::{BoxFuture, Io, Result};
use secrecy::SecretString;

/// A certificate that is registered for an application, and its private key: one PEM text with both, in whatever order.
/// It is read anew for each request, so that a new one is used without a restart.
///
/// Assertions are signed with PS256 and name the certificate by its SHA-256 thumbprint (`x5t#S256`).
#[derive(Clone, Debug)]
pub struct Certificate {
    pem: Arc<dyn Secret>,
    sends_chain: bool,
    name: String,
}

impl Certificate {
    /// The certificate and the key in this PEM text.
    pub fn pem(pem: impl Secret + 'static) -> Self {
        Self {
            pem: Arc::new(pem),
            sends_chain: false,
            name: "the certificate".to_owned(),
        }
    }

    /// The certificate and the key in the PEM file at `path`. Does no I/O.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.display().to_string(),
            ..Self::pem(PemFile(FileSecret::new(path)))
        }
    }

    /// Sends the certificate and those that it was issued under along (`x5c`): for applications that go by the subject
    /// and the issuer of a certificate, so that a renewed one need not be registered.
    #[must_use]
    pub fn with_chain(self) -> Self {
        let sends_chain = true;
        Self {
            sends_chain,
            ..self
        }
    }

    /// What signs for the application with this id.
    pub(super) fn signer(&self, client_id: &str, io: &Io) -> Assertion {
        let key = SigningKey::new(self.pem.clone())
            .with_algorithm(Algorithm::Ps256)
            .with_name(self.name.clone());
        let key = match self.sends_chain {
            true => key.with_certificate_chain(),
            false => key.with_certificate(),
        };
        Assertion::new(client_id, key).with_clock(io.clock().clone())
    }
}

/// A PEM file, whose reader may have got one of another kind.
#[derive(Clone, Debug)]
struct PemFile(FileSecret);

impl Secret for PemFile {
    fn reveal<'a>(&'a self, held: &'a Held) -> BoxFuture<'a, Result<SecretString>> {
        Box::pin(async move {
            let end = self.0.path().extension().unwrap_or_default();
            let is_pkcs12 = ["pfx", "p12"]
                .iter()
                .any(|known| end.eq_ignore_ascii_case(known));
            self.0.reveal(held).await.map_err(|error| match is_pkcs12 {
                true => error.with_advice(PKCS12),
                false => error,
            })
        })
    }
}

const PKCS12: &str = "a PKCS#12 file is turned into PEM by `openssl pkcs12 -in cert.pfx -out cert.pem -nodes`; \
                      keep the result as safe as a password";
