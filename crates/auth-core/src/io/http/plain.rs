//! [`read`]: the whole of an answer, as the plain text that it was before somebody encoded it.

use bytes::Bytes;
use http::header::CONTENT_ENCODING;
use http::{HeaderMap, Response};

use super::Body;
use crate::error::{Error, Result, Untrusted};

/// Reads the body of `answer` of at most `limit` bytes. A byte order mark is taken away, and UTF-16 behind one is
/// read. An answer that is compressed, which nobody asked for, keeps its status if that is no success, and has no body.
///
/// # Errors
/// `Protocol` for a body that is too long or compressed, which names the encoding; those of the connection.
pub(crate) async fn read(answer: Response<Body>, limit: usize) -> Result<Response<Bytes>> {
    let (head, body) = answer.into_parts();
    let body = match encoding(&head.headers) {
        None => plain(body.bytes(limit).await?),
        Some(_) if !head.status.is_success() => Bytes::new(),
        Some(encoding) => {
            let shown = Untrusted::new(&encoding).with_limit(40).to_string();
            return Err(Error::protocol(format!(
                "the answer is compressed ({shown}), which nobody asked for"
            ))
            .with_status(head.status.as_u16())
            .with_advice(
                "see what lies between, such as a proxy, and have it leave answers as they are",
            ));
        }
    };
    Ok(Response::from_parts(head, body))
}

/// How the body is encoded, if it is.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(CONTENT_ENCODING).iter();
    let all = all.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let names = all.map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned());
    let coded = |name: &String| !name.is_empty() && !name.eq_ignore_ascii_case("identity");
    names.filter(coded).reduce(|all, name| all + ", " + &name)
}

/// The bytes in UTF-8 and without a byte order mark, where they begin with one.
fn plain(bytes: Bytes) -> Bytes {
    let wide = |rest: &[u8], unit: fn([u8; 2]) -> u16| {
        let units = rest.as_chunks::<2>().0.iter().map(|pair| unit(*pair));
        let text = char::decode_utf16(units);
        let text: String = text
            .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
            .collect();
        Bytes::from(text)
    };
    match &bytes[..] {
        [0xef, 0xbb, 0xbf, ..] => bytes.slice(3..),
        [0xff, 0xfe, rest @ ..] => wide(rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => wide(rest, u16::from_be_bytes),
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_no_part_of_an_answer() {
        for (sent, meant) in [
            (&b"\xef\xbb\xbf{}"[..], "{}"),
            (b"\xff\xfe{\0}\0", "{}"),
            (b"\xfe\xff\0{\0}", "{}"),
            (b"{}", "{}"),
            (b"", ""),
        ] {
            assert_eq!(plain(Bytes::from_static(sent)), meant, "{sent:?}");
        }
    }
}
