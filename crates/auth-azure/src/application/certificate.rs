//! [`Certificate`]: a certificate that is registered for an application, and its key.

mod content;
#[cfg(feature = "pkcs12")]
mod pkcs12;

use std::path::PathBuf;
use std::sync::Arc;

use auth_core::Io;
use auth_core::assertion::{Algorithm, Assertion, SigningKey};
use auth_core::session::{FileSecret, Secret};

use self::content::Content;

/// A certificate that is registered for an application, and its private key: one PEM text with both, in whatever order, or
/// with the feature `pkcs12` a PKCS#12 file (`.pfx`, `.p12`). It is read anew for each request, so that a new one is used
/// without a restart.
///
/// Assertions are signed with PS256 and name the certificate by its SHA-256 thumbprint (`x5t#S256`).
#[derive(Clone, Debug)]
pub struct Certificate {
    content: Content,
    sends_chain: bool,
    name: String,
}

impl Certificate {
    /// The certificate and the key in this PEM text, or in a PKCS#12 file in base64, as Key Vault hands it out.
    pub fn pem(pem: impl Secret + 'static) -> Self {
        Self {
            content: Content::new(Arc::new(pem)),
            sends_chain: false,
            name: "the certificate".to_owned(),
        }
    }

    /// The certificate and the key in the file at `path`, which is PEM or PKCS#12 whatever its name ends with. Does no I/O.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        Self {
            name: path.display().to_string(),
            ..Self::pem(FileSecret::new(path).with_bytes_in_base64())
        }
    }

    /// The password of a PKCS#12 file. PEM has none.
    #[must_use]
    pub fn with_password(self, password: impl Secret + 'static) -> Self {
        Self {
            content: self.content.with_password(Arc::new(password)),
            ..self
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
        let content = self.content.clone().with_name(self.name.clone());
        let key = SigningKey::new(content)
            .with_algorithm(Algorithm::Ps256)
            .with_name(self.name.clone());
        let key = match self.sends_chain {
            true => key.with_certificate_chain(),
            false => key.with_certificate(),
        };
        Assertion::new(client_id, key).with_clock(io.clock().clone())
    }
}

/// What turns PKCS#12 into PEM elsewhere.
const OPENSSL: &str = "`openssl pkcs12 -in cert.pfx -out cert.pem -nodes` turns a PKCS#12 file into PEM; keep the result \
                       as safe as a password";
