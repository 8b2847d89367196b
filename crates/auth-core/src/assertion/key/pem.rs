//! Private keys in PEM.

use aws_lc_rs::rsa;
use aws_lc_rs::signature::{EcdsaKeyPair, Ed25519KeyPair};
use rustls_pki_types::PrivateKeyDer;
use rustls_pki_types::pem::PemObject as _;

use super::{CURVES, Key};
use crate::error::{Error, Result};

pub(super) fn read(pem: &str) -> Result<Key> {
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|_| not_found(pem))?;
    match key {
        PrivateKeyDer::Pkcs1(der) => match rsa::KeyPair::from_der(der.secret_pkcs1_der()) {
            Ok(pair) => Key::rsa(&pair),
            Err(_) => Err(unusable()),
        },
        PrivateKeyDer::Sec1(der) => {
            let der = der.secret_sec1_der();
            let mut pairs = CURVES.iter().filter_map(|(_, algorithm, curve)| {
                let pair = EcdsaKeyPair::from_private_key_der(curve, der).ok()?;
                Some(Key::ec(*algorithm, &pair))
            });
            pairs.next().unwrap_or_else(|| Err(unusable()))
        }
        PrivateKeyDer::Pkcs8(der) => pkcs8(der.secret_pkcs8_der()),
        _ => Err(unusable()),
    }
}

fn pkcs8(der: &[u8]) -> Result<Key> {
    if let Ok(pair) = rsa::KeyPair::from_pkcs8(der) {
        return Key::rsa(&pair);
    }
    for (_, algorithm, curve) in &CURVES {
        if let Ok(pair) = EcdsaKeyPair::from_pkcs8(curve, der) {
            return Key::ec(*algorithm, &pair);
        }
    }
    match Ed25519KeyPair::from_pkcs8(der) {
        Ok(pair) => Key::ed25519(&pair),
        Err(_) => Err(unusable()),
    }
}

fn unusable() -> Error {
    Error::config("the PEM text holds a private key that is damaged or can't sign here").with_advice(
        "use RSA with at least 2048 bits, EC on P-256, P-384 or P-521, or Ed25519; `openssl pkey -in key.pem -noout -text_pub` shows what it is",
    )
}

/// Why there is no key in `pem`, as well as its outside tells.
fn not_found(pem: &str) -> Error {
    let (message, advice) = if pem.contains("ENCRYPTED") {
        (
            "the private key in the PEM text is encrypted",
            "decrypt it with `openssl pkey -in key.pem -out plain.pem`, and keep the result as safe as a password",
        )
    } else if pem.contains("OPENSSH PRIVATE KEY") {
        (
            "the private key is in OpenSSH's own format",
            "convert a copy of it with `ssh-keygen -p -m PKCS8 -f copy`",
        )
    } else if pem.contains("-----BEGIN PUBLIC KEY") || pem.contains("-----BEGIN CERTIFICATE") {
        (
            "the PEM text holds only the public half of a key",
            "give the file with the private key",
        )
    } else {
        (
            "there is no private key in the PEM text, or it is damaged",
            "it begins with `-----BEGIN PRIVATE KEY-----`; `openssl pkey -in key.pem -noout` checks it",
        )
    };
    Error::config(message).with_advice(advice)
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::error::ErrorKind;

    /// What is said about a PEM text of one section, with its kind before it.
    fn refusal(kind: &str, body: &str) -> String {
        let pem = format!("-----BEGIN {kind}-----\n{body}\n-----END {kind}-----\n");
        said(kind, &pem)
    }

    fn said(what: &str, pem: &str) -> String {
        let error = read(pem).err().unwrap();
        assert_eq!(error.kind(), ErrorKind::Config);
        format!("{what}: {error}")
    }

    #[test]
    fn each_wrong_kind_of_text_is_told_apart() {
        let all = [
            said("no PEM", "secret"),
            said("no end", "-----BEGIN PRIVATE KEY-----\nAAAA\n"),
            refusal("PRIVATE KEY", "AAAA"),
            refusal("RSA PRIVATE KEY", "AAAA"),
            refusal("EC PRIVATE KEY", "AAAA"),
            refusal("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\n\nAAAA"),
            refusal("ENCRYPTED PRIVATE KEY", "AAAA"),
            refusal("OPENSSH PRIVATE KEY", "AAAA"),
            refusal("PUBLIC KEY", "AAAA"),
        ];
        assert_snapshot!(all.join("\n"), @r#"
        no PEM: there is no private key in the PEM text, or it is damaged; it begins with `-----BEGIN PRIVATE KEY-----`; `openssl pkey -in key.pem -noout` checks it
        no end: there is no private key in the PEM text, or it is damaged; it begins with `-----BEGIN PRIVATE KEY-----`; `openssl pkey -in key.pem -noout` checks it
        PRIVATE KEY: the PEM text holds a private key that is damaged or can't sign here; use RSA with at least 2048 bits, EC on P-256, P-384 or P-521, or Ed25519; `openssl pkey -in key.pem -noout -text_pub` shows what it is
        RSA PRIVATE KEY: the PEM text holds a private key that is damaged or can't sign here; use RSA with at least 2048 bits, EC on P-256, P-384 or P-521, or Ed25519; `openssl pkey -in key.pem -noout -text_pub` shows what it is
        EC PRIVATE KEY: the PEM text holds a private key that is damaged or can't sign here; use RSA with at least 2048 bits, EC on P-256, P-384 or P-521, or Ed25519; `openssl pkey -in key.pem -noout -text_pub` shows what it is
        RSA PRIVATE KEY: the private key in the PEM text is encrypted; decrypt it with `openssl pkey -in key.pem -out plain.pem`, and keep the result as safe as a password
        ENCRYPTED PRIVATE KEY: the private key in the PEM text is encrypted; decrypt it with `openssl pkey -in key.pem -out plain.pem`, and keep the result as safe as a password
        OPENSSH PRIVATE KEY: the private key is in OpenSSH's own format; convert a copy of it with `ssh-keygen -p -m PKCS8 -f copy`
        PUBLIC KEY: the PEM text holds only the public half of a key; give the file with the private key
        "#);
    }
}
