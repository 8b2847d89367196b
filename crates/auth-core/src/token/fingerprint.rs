//! [`Fingerprint`]: enough of a secret's hash to tell two apart, too little to use.

use std::fmt;

use aws_lc_rs::digest;

/// The first 32 bits of a secret's SHA-256: what logs, tables and `Debug` show instead of a token.
///
/// ```
/// # use auth_core::Fingerprint;
/// assert_eq!(Fingerprint::of("secret").to_string(), "2bb80d53");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Fingerprint([u8; 4]);

impl Fingerprint {
    /// The fingerprint of `secret`.
    pub fn of(secret: &str) -> Self {
        let digest = sha256(secret.as_bytes());
        Self([digest[0], digest[1], digest[2], digest[3]])
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", u32::from_be_bytes(self.0))
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
