//! [`Memory`]: what was found out about tokens that may come again.

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwapOption;
use aws_lc_rs::digest::{SHA256, digest};

/// A table of fixed size, under the hash of the whole token: a new token takes the place of an older
/// one. Without a lock.
pub(crate) struct Memory<T>(Box<[ArcSwapOption<(Hash, T)>]>);

pub(crate) type Hash = [u8; 32];

impl<T> Memory<T> {
    pub(crate) fn new(tokens: usize) -> Self {
        let size = tokens.clamp(1, 1 << 20);
        Self((0..size).map(|_| ArcSwapOption::empty()).collect())
    }

    /// What is known about `token`, as far as `read` wants it.
    pub(crate) fn find<R>(&self, token: &str, read: impl FnOnce(&T) -> Option<R>) -> Option<R> {
        let hash = hash(token);
        let entry = self.place(&hash).load();
        let (of, known) = &**entry.as_ref()?;
        if *of == hash { read(known) } else { None }
    }

    pub(crate) fn keep(&self, token: &str, known: T) {
        let hash = hash(token);
        self.place(&hash).store(Some(Arc::new((hash, known))));
    }

    fn place(&self, hash: &Hash) -> &ArcSwapOption<(Hash, T)> {
        let number = hash[..8]
            .iter()
            .fold(0, |number, &byte| number << 8 | usize::from(byte));
        &self.0[number % self.0.len()]
    }
}

impl<T> fmt::Debug for Memory<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Memory").field(&self.0.len()).finish()
    }
}

pub(crate) fn hash(token: &str) -> Hash {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
    hash
}
