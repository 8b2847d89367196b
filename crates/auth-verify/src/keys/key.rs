//! [`Key`]: one public key, bound to one algorithm and parsed once.

use aws_lc_rs::signature::ParsedPublicKey;

use crate::Algorithm;
use crate::jws::Compact;
use crate::rejection::RejectionKind as Kind;

/// A public key that signs tokens with one algorithm.
pub(crate) struct Key {
    pub(super) id: Option<Box<str>>,
    pub(super) algorithm: Algorithm,
    /// The issuer that Entra binds a key to.
    pub(super) issuer: Option<Box<str>>,
    pub(super) public: ParsedPublicKey,
    /// How long its signatures are.
    pub(super) length: usize,
}

impl Key {
    pub(crate) fn id(&self) -> Option<&str> {
        self.id.as_deref()
    }

    pub(crate) fn issuer(&self) -> Option<&str> {
        self.issuer.as_deref()
    }

    /// Checks the signature of `token`, whose header names the algorithm of this key.
    pub(crate) fn verify(&self, token: &Compact<'_>) -> Result<(), Kind> {
        if Algorithm::of_name(&token.header.algorithm()) != Some(self.algorithm) {
            return Err(Kind::AlgorithmNotAllowed);
        }
        let signature = token.signature(self.length)?;
        self.public
            .verify_sig(token.signed(), &signature)
            .map_err(|_| Kind::BadSignature)
    }

    /// Whether two entries are one key, published twice.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        self.id == other.id
            && self.algorithm == other.algorithm
            && self.issuer == other.issuer
            && self.public.as_ref() == other.public.as_ref()
    }
}
