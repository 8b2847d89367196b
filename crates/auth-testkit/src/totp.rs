//! [`Totp`]: what checks one-time codes (RFC 6238).

use std::time::SystemTime;

use aws_lc_rs::hmac;

use crate::random;
use crate::token::seconds;

/// A device that shows codes of six digits, a new one every 30 seconds.
#[derive(Clone)]
pub(crate) struct Totp {
    pub(crate) id: String,
    pub(crate) label: String,
    key: hmac::Key,
    /// The latest step of which a code was used.
    used: Option<u64>,
}

impl Totp {
    pub(crate) fn new(label: String, secret: Vec<u8>) -> Self {
        Self {
            id: random::uuid(),
            label,
            key: hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &secret),
            used: None,
        }
    }

    /// Takes a code of this step or of one beside it, once.
    pub(crate) fn take(&mut self, code: &str, now: SystemTime) -> bool {
        let step = seconds(now) / STEP;
        let mut steps = [step, step.saturating_sub(1), step + 1].into_iter();
        let step = steps.find(|step| self.code(*step) == code);
        match step {
            Some(step) if self.used.is_none_or(|used| used < step) => {
                self.used = Some(step);
                true
            }
            _ => false,
        }
    }

    fn code(&self, step: u64) -> String {
        let hash = hmac::sign(&self.key, &step.to_be_bytes());
        let hash = hash.as_ref();
        let start = usize::from(hash[hash.len() - 1] & 15);
        let piece = &hash[start..start + 4];
        let number = piece
            .iter()
            .fold(0, |sum, byte| sum << 8 | u32::from(*byte));
        format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
    }
}

/// Bytes as authenticators take them (RFC 4648 §6, without padding).
pub(crate) fn base32(bytes: &[u8]) -> String {
    let bits = |at: usize| {
        let pair = [at / 8, at / 8 + 1].map(|at| bytes.get(at).copied().unwrap_or_default());
        u16::from_be_bytes(pair) >> (11 - at % 8) & 31
    };
    let places = (0..bytes.len() * 8).step_by(5);
    places
        .map(|at| char::from(ALPHABET[usize::from(bits(at))]))
        .collect()
}

const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

const STEP: u64 = 30;

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn rfc6238_appendix_b() {
        let totp = Totp::new(String::new(), SECRET.to_vec());
        for (time, code) in [
            (59, "287082"),
            (1_111_111_109, "081804"),
            (20_000_000_000, "353130"),
        ] {
            assert_eq!(totp.code(time / STEP), code);
        }
    }

    #[test]
    fn a_code_is_taken_once_and_one_step_early_or_late() {
        let code = "287082";
        for (time, taken) in [(29, true), (59, true), (89, true), (90, false)] {
            let mut totp = Totp::new(String::new(), SECRET.to_vec());
            assert_eq!(totp.take(code, at(time)), taken, "{time}");
            assert!(!totp.take(code, at(time)), "{time}");
        }
    }

    #[test]
    fn rfc4648_section_10() {
        for (bytes, text) in [
            ("f", "MY"),
            ("fo", "MZXQ"),
            ("foo", "MZXW6"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
    }
}
