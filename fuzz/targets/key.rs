//! A key that somebody hands in: PEM, JWK, or what they took for one.

#![no_main]

mod world;

use auth_core::assertion::SigningKey;
use auth_core::clock::SystemClock;
use auth_core::session::Held;
use libfuzzer_sys::fuzz_target;
use secrecy::SecretString;

use self::world::{assert_harmless, run};

fuzz_target!(|text: &str| {
    let key = SigningKey::new(SecretString::from(text));
    assert_harmless(run(key.revealed(&Held::new(), &SystemClock::new())));
});
