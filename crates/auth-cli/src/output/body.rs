//! The body of an answer on its way to stdout.

use std::io::IsTerminal;

use auth_core::http::Body;

use crate::exit::Failure;
use crate::output::print;

/// Streams `body` to stdout: byte for byte into a file or a pipe, and harmless on a terminal.
///
/// # Errors
/// Whatever the connection reports, or `Closed` if nobody reads any more.
pub(crate) async fn stream(mut body: Body) -> Result<(), Failure> {
    let mut guard = std::io::stdout().is_terminal().then(Guard::default);
    while let Some(chunk) = body.chunk().await {
        let chunk = chunk?;
        match &mut guard {
            Some(guard) => print(&guard.clean(&chunk))?,
            None => print(&chunk)?,
        }
    }
    if guard.is_some() {
        // Whatever is shown next begins a line.
        print(b"\n")?;
    }
    Ok(())
}

/// Makes control characters visible, as `Untrusted` does, in a stream whose pieces may end within a
/// character.
#[derive(Debug, Default)]
struct Guard {
    /// The last byte was 0xC2, which begins the controls from U+0080 to U+009F.
    after_c2: bool,
}

impl Guard {
    fn clean(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut clean = Vec::with_capacity(bytes.len());
        for &byte in bytes {
            let second_half = std::mem::take(&mut self.after_c2);
            match byte {
                b'\n' | b'\t' => clean.push(byte),
                0x00..0x20 | 0x7f => clean.extend(format!("\\u{{{byte:x}}}").bytes()),
                0x80..0xa0 if second_half => clean.extend(format!("\\u{{{byte:x}}}").bytes()),
                0xc2 => self.after_c2 = true,
                _ if second_half => clean.extend([0xc2, byte]),
                _ => clean.push(byte),
            }
        }
        clean
    }
}

#[cfg(test)]
mod tests {
    use super::Guard;

    #[test]
    fn a_body_can_not_steer_the_terminal_even_across_pieces() {
        let mut guard = Guard::default();
        let mut shown = guard.clean(b"a\x1b]0;x\x07\n\xc2");
        shown.extend(guard.clean("\u{9b}".as_bytes().get(1..).unwrap()));
        shown.extend(guard.clean("é\u{a9}ä".as_bytes()));
        assert_eq!(
            String::from_utf8(shown).unwrap(),
            "a\\u{1b}]0;x\\u{7}\n\\u{9b}é©ä"
        );
    }
}
