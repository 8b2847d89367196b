//! [`SignatureMemory`]: which signatures were checked already.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use aws_lc_rs::digest::{SHA256, digest};

use crate::keys::Key;

/// A table of fixed size: a new token takes the place of an older one. Without a lock.
pub(crate) struct SignatureMemory(Box<[ArcSwapOption<Entry>]>);

struct Entry {
    token: Hash,
    key: Arc<Key>,
}

type Hash = [u8; 32];

impl SignatureMemory {
    pub(crate) fn new(tokens: usize) -> Self {
        let size = tokens.clamp(1, 1 << 20);
        Self((0..size).map(|_| ArcSwapOption::empty()).collect())
    }

    /// Whether `key` was seen to have signed the whole of `token`.
    pub(crate) fn knows(&self, token: &str, key: &Key) -> bool {
        let hash = hash(token);
        let entry = self.place(&hash).load();
        entry
            .as_ref()
            .is_some_and(|entry| entry.token == hash && entry.key.is_same(key))
    }

    pub(crate) fn learn(&self, token: &str, key: Arc<Key>) {
        let token = hash(token);
        self.place(&token)
            .store(Some(Arc::new(Entry { token, key })));
    }

    fn place(&self, hash: &Hash) -> &ArcSwapOption<Entry> {
        let number = hash[..8]
            .iter()
            .fold(0, |number, &byte| number << 8 | usize::from(byte));
        &self.0[number % self.0.len()]
    }
}

impl fmt::Debug for SignatureMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignatureMemory")
            .field(&self.0.len())
            .finish()
    }
}

fn hash(token: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}
