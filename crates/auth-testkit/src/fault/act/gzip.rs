//! Compression that compresses nothing (RFC 1952, with the stored blocks of RFC 1951 §3.2.4).

use http::HeaderValue;
use http::header::CONTENT_ENCODING;

use crate::answer::Answer;

pub(super) fn compress(answer: &mut Answer) {
    let body = file(answer.body());
    *answer.body_mut() = body.into();
    let gzip = HeaderValue::from_static("gzip");
    answer.headers_mut().insert(CONTENT_ENCODING, gzip);
}

fn file(bytes: &[u8]) -> Vec<u8> {
    let mut file = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = bytes.chunks(usize::from(u16::MAX)).peekable();
    if blocks.peek().is_none() {
        file.extend([1, 0, 0, 255, 255]);
    }
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or_default();
        file.push(u8::from(blocks.peek().is_none()));
        file.extend(length.to_le_bytes());
        file.extend((!length).to_le_bytes());
        file.extend(block);
    }
    file.extend(checksum(bytes).to_le_bytes());
    let length = u32::try_from(bytes.len() & 0xffff_ffff).unwrap_or_default();
    file.extend(length.to_le_bytes());
    file
}

/// CRC-32, a bit at a time.
fn checksum(bytes: &[u8]) -> u32 {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| {
            (sum >> 1) ^ if sum & 1 == 1 { 0xedb8_8320 } else { 0 }
        })
    });
    !sum
}

#[cfg(test)]
mod tests {
    use super::{checksum, file};

    #[test]
    fn the_checksum_is_that_of_its_catalogue_and_a_long_text_has_several_blocks() {
        assert_eq!(checksum(b"123456789"), 0xcbf4_3926);
        for (length, blocks) in [(0, 1), (1, 1), (65_535, 1), (65_536, 2), (200_000, 4)] {
            let file = file(&vec![b'x'; length]);
            assert_eq!(file.len(), 10 + blocks * 5 + length + 8, "{length}");
        }
    }
}
