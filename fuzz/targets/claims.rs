//! The claims of a token that is signed.

#![no_main]

mod signer;

use auth_verify::{Bearer, Rule};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|claims: &[u8]| {
    let token = signer::signed(signer::HEADER.as_bytes(), claims);
    let outcome = signer::verifier().verify_at_hand(Bearer::new(&token));
    if let Ok(caller) = outcome.expect("fixed keys are at hand") {
        assert_eq!(caller.issuer(), signer::ISSUER);
        assert_eq!(
            caller.claim::<String>("iss").expect("a text").as_deref(),
            Some(signer::ISSUER)
        );
        let _ = (
            caller.roles(),
            caller.scopes(),
            caller.identity(),
            caller.expires_at(),
        );
        let _ = Rule::any_group(["g"]).expect("a rule").check(&caller);
    }
});
