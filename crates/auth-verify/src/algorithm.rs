//! [`Algorithm`]: the signature algorithms that a token may have.

use std::fmt;
use std::str::FromStr;

use auth_core::Error;
use auth_core::error::Untrusted;
use aws_lc_rs::signature::{
    self, EcdsaVerificationAlgorithm, RsaParameters, VerificationAlgorithm,
};

/// An asymmetric signature algorithm (RFC 7518 §3, RFC 8037).
///
/// There is no `none` and no HMAC among them, so no configuration can let either in:
///
/// ```compile_fail
/// let nothing = auth_verify::Algorithm::None;
/// ```
///
/// ```compile_fail
/// let shared = auth_verify::Algorithm::Hs256;
/// ```
///
/// ```
/// # use auth_verify::Algorithm;
/// assert!("none".parse::<Algorithm>().is_err());
/// assert!("HS256".parse::<Algorithm>().is_err());
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// RSA PKCS#1 v1.5 with SHA-256.
    Rs256,
    /// RSA PKCS#1 v1.5 with SHA-384.
    Rs384,
    /// RSA PKCS#1 v1.5 with SHA-512.
    Rs512,
    /// RSA-PSS with SHA-256.
    Ps256,
    /// RSA-PSS with SHA-384.
    Ps384,
    /// RSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// Ed25519, which RFC 8037 calls `EdDSA` and RFC 9864 `Ed25519`.
    EdDsa,
}

impl Algorithm {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::EdDsa,
    ];

    /// The name in the `alg` of a header or a key.
    pub fn name(self) -> &'static str {
        match self {
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

    /// Whether the key is an RSA key.
    pub(crate) fn is_rsa(self) -> bool {
        self.rsa().is_some()
    }

    /// The algorithm called `name`, byte for byte.
    pub(crate) fn of_name(name: &str) -> Option<Self> {
        Some(match name {
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
            _ => return None,
        })
    }

    pub(crate) fn rsa(self) -> Option<&'static RsaParameters> {
        Some(match self {
            Self::Rs256 => &signature::RSA_PKCS1_2048_8192_SHA256,
            Self::Rs384 => &signature::RSA_PKCS1_2048_8192_SHA384,
            Self::Rs512 => &signature::RSA_PKCS1_2048_8192_SHA512,
            Self::Ps256 => &signature::RSA_PSS_2048_8192_SHA256,
            Self::Ps384 => &signature::RSA_PSS_2048_8192_SHA384,
            Self::Ps512 => &signature::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        })
    }

    /// The algorithm of an elliptic curve, and the length of a coordinate.
    pub(crate) fn curve(name: &str) -> Option<(Self, &'static EcdsaVerificationAlgorithm, usize)> {
        Some(match name {
            "P-256" => (Self::Es256, &signature::ECDSA_P256_SHA256_FIXED, 32),
            "P-384" => (Self::Es384, &signature::ECDSA_P384_SHA384_FIXED, 48),
            "P-521" => (Self::Es512, &signature::ECDSA_P521_SHA512_FIXED, 66),
            _ => return None,
        })
    }

    pub(crate) fn ed25519() -> &'static dyn VerificationAlgorithm {
        &signature::ED25519
    }

    /// How long a signature is; for RSA, as long as the modulus.
    pub(crate) fn signature_length(self, modulus: usize) -> usize {
        match self {
            Self::Es256 | Self::EdDsa => 64,
            Self::Es384 => 96,
            Self::Es512 => 132,
            _ => modulus,
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Algorithm {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::of_name(name).ok_or_else(|| {
            let shown = Untrusted::new(name).with_limit(40);
            Error::config(format!("tokens signed with `{shown}` can't be checked here")).with_advice(
                "use RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512 or EdDSA; shared \
                 secrets have `SharedSecrets`",
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Algorithm;

    #[test]
    fn every_algorithm_is_found_by_its_name() {
        for one in Algorithm::ALL {
            assert_eq!(Algorithm::of_name(one.name()), Some(one));
        }
    }
}
