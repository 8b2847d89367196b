//! The secret of one-time codes, as a person copies it: base32, or an `otpauth` address.

#![no_main]

mod world;

use std::time::{Duration, SystemTime};

use auth_desp::otp::Totp;
use libfuzzer_sys::fuzz_target;
use secrecy::{ExposeSecret, SecretString};

use self::world::assert_harmless;

fuzz_target!(|text: &str| {
    match Totp::from_text(&SecretString::from(text)) {
        Ok(totp) => {
            let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
            let code = totp.code(totp.turn(now, Some(totp.step(now))).step);
            let code = code.expose_secret();
            assert!((6..=8).contains(&code.len()) && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        }
        Err(error) => assert_harmless(Err::<(), _>(error)),
    }
});
