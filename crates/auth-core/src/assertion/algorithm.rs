//! [`Algorithm`]: how an assertion is signed.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, Untrusted};

/// How an assertion is signed, by its name in JOSE (RFC 7518 §3.1, RFC 8037 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// `HS256`: HMAC with SHA-256, for a secret that both sides know.
    Hs256,
    /// `RS256`: RSASSA-PKCS1-v1_5 with SHA-256.
    Rs256,
    /// `RS384`: RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// `RS512`: RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// `PS256`: RSASSA-PSS with SHA-256.
    Ps256,
    /// `PS384`: RSASSA-PSS with SHA-384.
    Ps384,
    /// `PS512`: RSASSA-PSS with SHA-512.
    Ps512,
    /// `ES256`: ECDSA on P-256 with SHA-256.
    Es256,
    /// `ES384`: ECDSA on P-384 with SHA-384.
    Es384,
    /// `ES512`: ECDSA on P-521 with SHA-512.
    Es512,
    /// `EdDSA`: Ed25519.
    EdDsa,
}

impl Algorithm {
    /// Its name in the `alg` of a header.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Rs384 => "RS384",
            Self::Rs512 => "RS512",
            Self::Ps256 => "PS256",
            Self::Ps384 => "PS384",
            Self::Ps512 => "PS512",
            Self::Es256 => "ES256",
            Self::Es384 => "ES384",
            Self::Es512 => "ES512",
            Self::EdDsa => "EdDSA",
        }
    }

    /// Those that any RSA key can sign with, the usual one first.
    pub(crate) const OF_RSA: [Self; 6] = [
        Self::Rs256,
        Self::Ps256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps384,
        Self::Ps512,
    ];

    /// Whether a key for this one also fits `other`: an RSA key has several ways to sign.
    pub(crate) fn shares_keys_with(self, other: Self) -> bool {
        let is_rsa = |one| Self::OF_RSA.contains(&one);
        self == other || (is_rsa(self) && is_rsa(other))
    }

    /// As jsonwebtoken calls it, which does not know ES512.
    pub(crate) fn of_jsonwebtoken(self) -> Option<jsonwebtoken::Algorithm> {
        use jsonwebtoken::Algorithm as Theirs;

        Some(match self {
            Self::Hs256 => Theirs::HS256,
            Self::Rs256 => Theirs::RS256,
            Self::Rs384 => Theirs::RS384,
            Self::Rs512 => Theirs::RS512,
            Self::Ps256 => Theirs::PS256,
            Self::Ps384 => Theirs::PS384,
            Self::Ps512 => Theirs::PS512,
            Self::Es256 => Theirs::ES256,
            Self::Es384 => Theirs::ES384,
            Self::EdDsa => Theirs::EdDSA,
            Self::Es512 => return None,
        })
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Ok(match name {
            "HS256" => Self::Hs256,
            "RS256" => Self::Rs256,
            "RS384" => Self::Rs384,
            "RS512" => Self::Rs512,
            "PS256" => Self::Ps256,
            "PS384" => Self::Ps384,
            "PS512" => Self::Ps512,
            "ES256" => Self::Es256,
            "ES384" => Self::Es384,
            "ES512" => Self::Es512,
            "EdDSA" | "Ed25519" => Self::EdDsa,
            other => {
                let other = Untrusted::new(other).with_limit(20);
                return Err(Error::config(format!(
                    "assertions can't be signed with `{other}` here"
                ))
                .with_advice("use HS256, EdDSA, or RS, PS or ES with 256, 384 or 512"));
            }
        })
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
