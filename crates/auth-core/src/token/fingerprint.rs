//! [`Fingerprint`]: enough of a secret's hash to tell two apart, too little to use.

use std::fmt;

use aws_lc_rs::digest;
use serde::{Deserialize, Serialize};

/// The first 128 bits of a secret's SHA-256. Two are equal only where the secrets are; what logs, tables
/// and `Debug` show to people is the first 32 of them.
///
/// ```
/// # use auth_core::token::Fingerprint;
/// let fingerprint = Fingerprint::of("secret");
/// assert_eq!(fingerprint.to_string(), "2bb80d53");
/// assert_eq!(fingerprint.name(), "2bb80d537b1da3e38bd30361aa855686");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Fingerprint(u128);

impl Fingerprint {
    /// The fingerprint of `secret`.
    pub fn of(secret: &str) -> Self {
        let digest = sha256(secret.as_bytes());
        let mut first = [0; 16];
        first.copy_from_slice(&digest[..16]);
        Self(u128::from_be_bytes(first))
    }

    /// All of it, to name or to find something by: a session, a token that was replaced.
    pub fn name(&self) -> String {
        format!("{:032x}", self.0)
    }
}

impl From<Fingerprint> for String {
    fn from(fingerprint: Fingerprint) -> Self {
        fingerprint.name()
    }
}

impl TryFrom<String> for Fingerprint {
    type Error = std::num::ParseIntError;

    fn try_from(name: String) -> Result<Self, Self::Error> {
        u128::from_str_radix(&name, 16).map(Self)
    }
}

/// For people: too short to decide anything by.
impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0 >> 96)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// SHA-256, for the crate's own use: entry checksums, file names, discarded tokens.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use super::Fingerprint;

    #[test]
    fn two_secrets_that_look_alike_to_people_are_two() {
        let (one, other) = (
            Fingerprint::of("token-6170"),
            Fingerprint::of("token-44637"),
        );
        assert_eq!(one.to_string(), other.to_string());
        assert_ne!(one, other);
        assert_ne!(one.name(), other.name());
    }
}
