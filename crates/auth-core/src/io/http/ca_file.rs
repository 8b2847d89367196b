//! [`load`]: certificates of a file, to be trusted too.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use crate::error::{Error, Result};

/// As [`read`], without a wait on the runtime's thread.
#[expect(
    clippy::disallowed_methods,
    reason = "the file may lie on a drive that does not answer, or be a pipe; it is read once in the life of a client"
)]
pub(super) async fn load(path: PathBuf) -> Result<Vec<CertificateDer<'static>>> {
    let read = tokio::task::spawn_blocking(move || read(&path)).await;
    let cut_off = |_| Error::config("the reading of the CA file was cut off").with_nothing_sent();
    read.map_err(cut_off)?
}

/// The certificates in the file at `path`: PEM with one or several, also as OpenSSL writes trusted ones, or one in DER.
///
/// # Errors
/// `Config`, naming the file, and which certificate is damaged.
fn read(path: &Path) -> Result<Vec<CertificateDer<'static>>> {
    let name = path.display();
    let fail = |what: String| {
        Error::config(what)
            .with_advice("name a PEM file with the certificates to trust")
            .with_nothing_sent()
    };
    let bytes =
        bytes(path).map_err(|error| fail(format!("the CA file {name} can't be read: {error}")))?;
    if bytes.len() as u64 > LONGEST {
        return Err(fail(format!(
            "the CA file {name} is longer than {LONGEST} bytes"
        )));
    }
    let all = sections(&bytes);
    if all.is_empty() {
        return Err(fail(format!("the CA file {name} holds no certificate")));
    }
    let count = all.len();
    let one = |(index, der): (usize, Option<Vec<u8>>)| {
        let certificate = der.map(CertificateDer::from).filter(is_sound);
        certificate.ok_or_else(|| {
            let which = index + 1;
            fail(format!(
                "certificate {which} of {count} in the CA file {name} is damaged"
            ))
            .with_advice("copy that certificate again, whole, or take it out")
        })
    };
    all.into_iter().enumerate().map(one).collect()
}

fn bytes(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(LONGEST + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether something can be checked with it.
fn is_sound(certificate: &CertificateDer<'_>) -> bool {
    RootCertStore::empty().add(certificate.clone()).is_ok()
}

/// The certificates in DER; `None` for one that can't be decoded.
fn sections(bytes: &[u8]) -> Vec<Option<Vec<u8>>> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    if bytes.first() == Some(&SEQUENCE) {
        return vec![Some(bytes.to_vec())];
    }
    let text = String::from_utf8_lossy(bytes);
    let mut found = Vec::new();
    for section in text.split("-----BEGIN ").skip(1) {
        let Some((label, rest)) = section.split_once("-----") else {
            continue;
        };
        if !LABELS.contains(&label) {
            continue;
        }
        let body = rest.split("-----END ").next().unwrap_or_default();
        let joined: String = body.split_whitespace().collect();
        let der = STANDARD.decode(joined).ok();
        found.push(match label {
            // What OpenSSL thinks of the certificate stands behind it.
            "TRUSTED CERTIFICATE" => der.and_then(|der| first_element(&der)),
            _ => der,
        });
    }
    found
}

/// The DER element that `der` begins with.
fn first_element(der: &[u8]) -> Option<Vec<u8>> {
    let (&[_, length], rest) = der.split_first_chunk()?;
    let digits = match length < 0x80 {
        true => 0,
        false => usize::from(length & 0x7f),
    };
    let size = match digits {
        0 => usize::from(length),
        _ => rest
            .get(..digits)?
            .iter()
            .try_fold(0_usize, |sum, &digit| {
                sum.checked_mul(256)?.checked_add(digit.into())
            })?,
    };
    der.get(..2 + digits + size).map(<[u8]>::to_vec)
}

const LABELS: [&str; 3] = ["CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"];

/// What a certificate in DER begins with.
const SEQUENCE: u8 = 0x30;

/// All that a system trusts is a quarter of a megabyte.
const LONGEST: u64 = 8 << 20;
