//! Text that nobody can guess: tokens, key ids.

use std::fmt::Write;

/// `bytes` random bytes in lower-case hexadecimal.
pub(crate) fn hex(bytes: usize) -> String {
    let mut raw = vec![0; bytes];
    aws_lc_rs::rand::fill(&mut raw).expect("the system gives random bytes");
    raw.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// An identifier that looks like those of Keycloak.
pub(crate) fn uuid() -> String {
    let mut text = hex(16);
    text.replace_range(12..13, "4");
    text.replace_range(16..17, "a");
    for at in [20, 16, 12, 8] {
        text.insert(at, '-');
    }
    text
}
