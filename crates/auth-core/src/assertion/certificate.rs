//! [`Certificate`]: what ties a key to its certificate in the header of a JWS.

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject as _;

use crate::error::{Error, Result};

/// The certificate of a key, and those that it was issued under, as a header of a JWS names them.
#[derive(Clone, Debug)]
pub(super) struct Certificate {
    /// RFC 7515 §4.1.8.
    pub(super) thumbprint: String,
    /// RFC 7515 §4.1.6: the key's own first.
    pub(super) chain: Vec<String>,
}

impl Certificate {
    /// The certificate of the key whose public half is `public`, among the sections of `pem` in whatever order.
    pub(super) fn read(pem: &str, public: &[u8]) -> Result<Self> {
        let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem.as_bytes()).collect();
        let mut all = all.map_err(|_| {
            Error::config("a certificate in the PEM text is damaged")
                .with_advice("`openssl x509 -in file.pem -noout -text` shows what is wrong")
        })?;
        if all.is_empty() {
            return Err(Error::config("there is no certificate in the PEM text").with_advice(
                "put the certificate into the same file as the private key, each as its own section",
            ));
        }
        // The public half stands in the certificate as it is (RFC 5280 §4.1.2.7).
        let own = all.iter().position(|one| contains(one, public));
        let own = own.ok_or_else(|| {
            Error::config(
                "the certificate in the PEM text is of another key than the private key there",
            )
            .with_advice("put the private key and its own certificate into one file")
        })?;
        let own = all.remove(own);
        let thumbprint = URL_SAFE_NO_PAD.encode(digest(&SHA256, &own));
        let chain = [own].into_iter().chain(all);
        Ok(Self {
            thumbprint,
            chain: chain.map(|one| STANDARD.encode(one)).collect(),
        })
    }
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    !part.is_empty() && text.windows(part.len()).any(|window| window == part)
}
