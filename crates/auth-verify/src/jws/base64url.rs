//! Strict base64url (RFC 4648 §5), many characters at once where the processor can.

use base64::Engine as _;

/// The bytes of `text`: the alphabet alone, no padding, no bits left over.
pub(super) fn decoded(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode(text).ok()
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
static ENGINE: std::sync::LazyLock<base64::engine::Simd> = std::sync::LazyLock::new(|| {
    base64::engine::Simd::url_safe(base64::engine::general_purpose::NO_PAD)
});

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
use base64::engine::general_purpose::URL_SAFE_NO_PAD as ENGINE;

#[cfg(test)]
mod tests {
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    /// Character for character the same as one at a time, at each length and with anything at each place.
    #[test]
    fn rule_3_many_at_once_are_read_like_one_at_a_time() {
        let mut state = 0x5eed_0006_u64;
        let mut random = |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state >> 11).unwrap() % below
        };
        let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
        let (mut good, mut bad) = (0, 0);
        for length in 0..300 {
            for other in 0..=0x7f {
                let mut text: Vec<u8> = (0..length).map(|_| alphabet[random(64)]).collect();
                // In half of the texts, one character is any other.
                if random(2) == 0 && length > 0 {
                    text[random(length)] = other;
                }
                let text = String::from_utf8(text).unwrap();
                let one_at_a_time = URL_SAFE_NO_PAD.decode(&text).ok();
                match one_at_a_time {
                    Some(_) => good += 1,
                    None => bad += 1,
                }
                assert_eq!(decoded(&text), one_at_a_time, "{text:?}");
            }
        }
        assert!(good > 5_000 && bad > 5_000, "{good} {bad}");
        for text in ["é", "\u{ff21}AAA", "AAAA\u{2028}"] {
            let long = format!("{}{text}{0}", "A".repeat(64));
            assert_eq!((decoded(text), decoded(&long)), (None, None), "{text}");
        }
    }
}
