//! The header of a token that is signed.

#![no_main]

mod signer;

use auth_verify::Bearer;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|header: &[u8]| {
    let token = signer::signed(header, signer::CLAIMS.as_bytes());
    let outcome = signer::verifier().verify_at_hand(Bearer::new(&token));
    if outcome.expect("fixed keys are at hand").is_ok() {
        let header = std::str::from_utf8(header).expect("what is accepted is UTF-8");
        assert!(header.contains("EdDSA") || header.contains("Ed25519") || header.contains('\\'));
    }
});
