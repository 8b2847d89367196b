//! A set of keys.

#![no_main]

use auth_verify::KeySet;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|document: &[u8]| {
    if let Ok(set) = KeySet::from_jwks(document) {
        assert!(set.len() >= 1);
    }
});
