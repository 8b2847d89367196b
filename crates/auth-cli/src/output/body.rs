//! The body of an answer on its way to stdout.

use std::fmt::Write as _;
use std::io::IsTerminal;

use auth_core::error::is_harmful;
use auth_core::http::Body;

use crate::failure::Failure;
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
            Some(guard) => print(guard.clean(&chunk).as_bytes())?,
            None => print(&chunk)?,
        }
    }
    if let Some(guard) = guard {
        // Whatever is shown next begins a line.
        print(format!("{}\n", guard.end()).as_bytes())?;
    }
    Ok(())
}

/// Makes what could steer a terminal visible, as `Untrusted` does, and what is no UTF-8, in a stream whose pieces may
/// end within a character.
#[derive(Debug, Default)]
struct Guard {
    /// The beginning of a character.
    begun: Vec<u8>,
}

impl Guard {
    fn clean(&mut self, bytes: &[u8]) -> String {
        self.begun.extend_from_slice(bytes);
        let bytes = std::mem::take(&mut self.begun);
        let mut clean = String::with_capacity(bytes.len());
        let mut chunks = bytes.utf8_chunks().peekable();
        while let Some(chunk) = chunks.next() {
            for character in chunk.valid().chars() {
                match character {
                    '\n' | '\t' => clean.push(character),
                    _ if is_harmful(character) => clean.extend(character.escape_unicode()),
                    _ => clean.push(character),
                }
            }
            let rest = chunk.invalid();
            if chunks.peek().is_none() && is_begun(rest) {
                self.begun = rest.to_vec();
            } else {
                clean.push_str(&escaped(rest));
            }
        }
        clean
    }

    fn end(self) -> String {
        escaped(&self.begun)
    }
}

/// Whether more bytes could make a character of `rest`.
fn is_begun(rest: &[u8]) -> bool {
    std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none())
}

fn escaped(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "\\x{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::Guard;

    #[test]
    fn a_body_can_not_steer_the_terminal_even_across_pieces() {
        let body = "a\x1b]0;x\x07\n\u{9b}é\u{a9}ä\u{202e}\u{200b}\t\u{201b}".as_bytes();
        let body = [body, b"\x9bm\xe2\x80"].concat();
        let expected = "a\\u{1b}]0;x\\u{7}\n\\u{9b}é©ä\\u{202e}\\u{200b}\t\u{201b}\\x9bm\\xe2\\x80";
        for size in 1..=body.len() {
            let mut guard = Guard::default();
            let mut shown: String = body.chunks(size).map(|piece| guard.clean(piece)).collect();
            shown.push_str(&guard.end());
            assert_eq!(shown, expected, "in pieces of {size}");
        }
    }
}
