//! [`Authorities`]: whose certificates are believed.

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{DigitallySignedStruct, Error, SignatureScheme};
use rustls_platform_verifier::Verifier;

/// The platform's authorities, and more.
///
/// Many a Unix has them twice: in one file, and in a folder with a file for each, which takes most of the time of a first
/// connection to read. Like OpenSSL, this looks into the folder when the file has not got whom a server's certificate names.
#[derive(Debug)]
pub(super) struct Authorities {
    in_one_file: Option<Arc<WebPkiServerVerifier>>,
    all: OnceLock<Verifier>,
    more: Vec<CertificateDer<'static>>,
    provider: Arc<CryptoProvider>,
}

impl Authorities {
    /// Reads those of the platform. Blocks for a moment.
    ///
    /// # Errors
    /// There are none.
    pub(super) fn with(
        more: &[CertificateDer<'static>],
        provider: Arc<CryptoProvider>,
    ) -> Result<Self, Error> {
        let known = Self {
            in_one_file: file().and_then(|file| in_one(file, more, provider.clone())),
            all: OnceLock::new(),
            more: more.to_vec(),
            provider,
        };
        if known.in_one_file.is_none() {
            known.all()?;
        }
        Ok(known)
    }

    fn all(&self) -> Result<&Verifier, Error> {
        if let Some(known) = self.all.get() {
            return Ok(known);
        }
        // Made without a lock, which a forked child could find held.
        let made = match &self.more[..] {
            [] => Verifier::new(self.provider.clone()),
            #[cfg(not(target_os = "android"))]
            more => Verifier::new_with_extra_roots(more.iter().cloned(), self.provider.clone()),
            #[cfg(target_os = "android")]
            _ => Err(Error::General(
                "this system takes no certificates but its own".to_owned(),
            )),
        };
        let made = made?;
        Ok(self.all.get_or_init(|| made))
    }
}

impl ServerCertVerifier for Authorities {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let found = self.in_one_file.as_ref().and_then(|known| {
            known
                .verify_server_cert(end_entity, intermediates, name, ocsp, now)
                .ok()
        });
        match found {
            Some(found) => Ok(found),
            None => self
                .all()?
                .verify_server_cert(end_entity, intermediates, name, ocsp, now),
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let known = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

/// The file with all of the platform's, where there is one and nobody names another place.
#[cfg(all(unix, not(target_vendor = "apple"), not(target_os = "android")))]
#[expect(
    clippy::disallowed_methods,
    reason = "these variables are OpenSSL's, and who links this crate expects them to count"
)]
fn file() -> Option<PathBuf> {
    let is_said = |name| std::env::var_os(name).is_some();
    match is_said("SSL_CERT_FILE") || is_said("SSL_CERT_DIR") {
        true => None,
        false => openssl_probe::probe().cert_file,
    }
}

#[cfg(not(all(unix, not(target_vendor = "apple"), not(target_os = "android"))))]
fn file() -> Option<PathBuf> {
    None
}

/// Those in one file. `None`: there are none.
fn in_one(
    file: PathBuf,
    more: &[CertificateDer<'static>],
    provider: Arc<CryptoProvider>,
) -> Option<Arc<WebPkiServerVerifier>> {
    use rustls::RootCertStore;
    use rustls::pki_types::pem::PemObject;

    let mut roots = RootCertStore::empty();
    let read = CertificateDer::pem_file_iter(file).ok()?;
    roots.add_parsable_certificates(read.flatten());
    roots.add_parsable_certificates(more.iter().cloned());
    WebPkiServerVerifier::builder_with_provider(roots.into(), provider)
        .build()
        .ok()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
    use rustls::CertificateError;
    use rustls::crypto::aws_lc_rs;

    use super::*;

    /// An authority in PEM and DER, and the certificate that it made for `localhost`.
    fn authority(name: &str) -> (String, CertificateDer<'static>, CertificateDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, name);
        let own = params.self_signed(&key).unwrap();
        let issuer = Issuer::new(params, key);
        let key = KeyPair::generate().unwrap();
        let server = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let server = server.signed_by(&key, &issuer).unwrap();
        (own.pem(), own.der().clone(), server.der().clone())
    }

    fn check(known: &Authorities, server: &CertificateDer<'_>) -> Result<(), Error> {
        let name = ServerName::try_from("localhost").unwrap();
        // rcgen's certificates begin in 1975.
        let now = UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000));
        known
            .verify_server_cert(server, &[], &name, &[], now)
            .map(drop)
    }

    #[test]
    #[cfg_attr(windows, ignore = "wine has no https with a CA of one's own")]
    fn who_is_in_the_one_file_is_believed_at_once_and_who_is_only_in_the_folder_after_a_look() {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let [(in_file, _, first), (_, in_folder, second), (_, _, third)] =
            ["first", "second", "third"].map(authority);
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("bundle.pem");
        std::fs::write(&file, format!("# theirs\n{in_file}")).unwrap();
        let known = Authorities {
            in_one_file: in_one(file, &[], provider.clone()),
            all: OnceLock::new(),
            more: vec![in_folder],
            provider,
        };
        check(&known, &first).unwrap();
        assert!(known.all.get().is_none());
        check(&known, &second).unwrap();
        assert!(known.all.get().is_some());
        let error = check(&known, &third).unwrap_err();
        let unknown = Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert_eq!(error, unknown);
    }

    #[test]
    fn a_file_without_certificates_is_none() {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("bundle.pem");
        assert!(in_one(file.clone(), &[], provider.clone()).is_none());
        std::fs::write(&file, "nothing").unwrap();
        assert!(in_one(file, &[], provider).is_none());
    }
}
