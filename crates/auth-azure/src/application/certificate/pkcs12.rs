//! [`pem`]: the key and the certificates of a PKCS#12 file (RFC 7292), as PEM.

use auth_core::{Error, Result};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use p12_keystore::{Pkcs12Archive, error::Error as Fault};
use secrecy::{ExposeSecret, SecretString};

use super::OPENSSL;

/// The PEM text of what is in `der`. Blocks for as long as its key takes to be stretched.
///
/// # Errors
/// `Config` if the password is another one, if it is no such file or one that can't be read here, or if it does not hold
/// one private key and a certificate.
pub(super) fn pem(der: &[u8], password: Option<&SecretString>) -> Result<SecretString> {
    let said = password
        .map(ExposeSecret::expose_secret)
        .unwrap_or_default();
    let archive = Pkcs12Archive::from_pkcs12(der, said)
        .map_err(|fault| unreadable(&fault, password.is_some()))?;
    let without = |what: &str| {
        Error::config(format!("the PKCS#12 file holds {what}")).with_advice(
            "export the application's certificate and its private key into one file, and no others",
        )
    };
    let key = match &archive.keys[..] {
        [key] => &key.key,
        [] => return Err(without("no private key")),
        all => return Err(without(&format!("{} private keys", all.len()))),
    };
    if archive.certs.is_empty() {
        return Err(without("no certificate"));
    }
    let certificates = archive.certs.iter().map(|one| one.cert.as_der());
    let certificates = certificates.map(|der| section("CERTIFICATE", der));
    let pem = certificates.fold(section("PRIVATE KEY", key.as_der()), |pem, one| pem + &one);
    Ok(pem.into())
}

fn unreadable(fault: &Fault, has_password: bool) -> Error {
    match fault {
        // Without a MAC, another password shows when something is decrypted.
        Fault::MacError(_) | Fault::UnpadError | Fault::Pkcs5Error(_) => match has_password {
            true => Error::config("the PKCS#12 file has another password")
                .with_advice("give the one that it was exported with"),
            false => Error::config("the PKCS#12 file has a password, and none is given").with_advice(
                "give it: `certificate-password` of the profile, `Certificate::with_password` in a program",
            ),
        },
        Fault::UnsupportedEncryptionScheme | Fault::UnsupportedMacAlgorithm => {
            Error::config("the PKCS#12 file is encrypted in a way that can't be read here")
                .with_advice(OPENSSL)
        }
        _ => Error::config("it is neither PEM text nor a PKCS#12 file that can be read here")
            .with_advice(OPENSSL),
    }
}

fn section(kind: &str, der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    format!("-----BEGIN {kind}-----\n{text}\n-----END {kind}-----\n")
}
