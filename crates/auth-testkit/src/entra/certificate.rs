//! [`Certificate`]: what an application signs its assertions with.

use std::fmt::Write;

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, SHA256, digest};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use jsonwebtoken::{Algorithm, DecodingKey};

/// The public half of a key, and its names.
#[derive(Clone)]
pub(crate) struct Certificate {
    pub(super) keys: [(Algorithm, DecodingKey); 2],
    sha1: Vec<u8>,
    sha256: Vec<u8>,
}

impl Certificate {
    pub(super) fn of(pem: &str) -> Self {
        let block = block(pem).expect("a certificate in PEM");
        let lines = block.lines().filter(|line| !line.starts_with('-'));
        let der = STANDARD.decode(lines.map(str::trim).collect::<String>());
        let der = der.expect("a certificate in PEM is in base64");
        let key = DecodingKey::from_rsa_pem(block.as_bytes()).expect("a certificate of an RSA key");
        Self {
            keys: [(Algorithm::PS256, key.clone()), (Algorithm::RS256, key)],
            sha1: digest(&SHA1_FOR_LEGACY_USE_ONLY, &der).as_ref().to_vec(),
            sha256: digest(&SHA256, &der).as_ref().to_vec(),
        }
    }

    /// Whether an assertion's header names it, with or without padding.
    pub(super) fn is_named(&self, header: &jsonwebtoken::Header) -> bool {
        let is = |name: &Option<String>, hash: &[u8]| {
            let name = name.as_deref().map(|name| name.trim_end_matches('='));
            name.is_some_and(|name| name == URL_SAFE_NO_PAD.encode(hash))
        };
        let thumbprint = self.sha1.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        });
        let kid = header.kid.as_deref().unwrap_or_default();
        is(&header.x5t_s256, &self.sha256)
            || is(&header.x5t, &self.sha1)
            || kid.eq_ignore_ascii_case(&thumbprint)
    }
}

fn block(pem: &str) -> Option<&str> {
    let (begin, end) = ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----");
    let start = pem.find(begin)?;
    let size = pem[start..].find(end)? + end.len();
    Some(&pem[start..start + size])
}
