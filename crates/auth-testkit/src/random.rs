//! Text that nobody can guess: tokens, key ids.

use std::fmt::Write;

/// `bytes` random bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: usize) -> String {
    let mut raw = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut raw).expect("the system gives random bytes");
    in_hex(&raw)
}

/// An identifier that looks like those of Keycloak and Entra ID.
pub(crate) fn uuid() -> String {
    let mut raw = [0; 16];
    aws_lc_rs::rand::fill(&mut raw).expect("the system gives random bytes");
    uuid_of(raw)
}

/// The same for these bytes.
pub(crate) fn uuid_of(raw: [u8; 16]) -> String {
    let mut text = in_hex(&raw);
    text.replace_range(12..13, "4");
    text.replace_range(16..17, "a");
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}

fn in_hex(raw: &[u8]) -> String {
    raw.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
