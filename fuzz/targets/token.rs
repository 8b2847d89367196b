//! A whole token: nobody can sign, so nothing is accepted.

#![no_main]

mod signer;

use auth_verify::{Bearer, Unverified};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|token: &str| {
    let outcome = signer::verifier().verify_at_hand(Bearer::new(token));
    assert!(outcome.expect("fixed keys are at hand").is_err());
    let _ = Unverified::peek(token);
});
