//! [`read`]: the whole of an answer, as the plain text that it was before somebody encoded it.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use http::{HeaderMap, Response};

use super::Body;
use crate::error::{Error, Result, Untrusted};

/// Reads the body of `answer` of at most `limit` bytes. A byte order mark is taken away, and UTF-16 is read, with and
/// without one, and so is Latin-1 where the answer says that it is. An answer that is compressed, which nobody asked for,
/// keeps its status if that is no success, and has no body.
///
/// # Errors
/// `Protocol` for a body that is too long or compressed, which names the encoding; those of the connection.
pub(crate) async fn read(answer: Response<Body>, limit: usize) -> Result<Response<Bytes>> {
    let (head, body) = answer.into_parts();
    let body = body.bytes(limit).await?;
    let unsaid = || body.starts_with(GZIP).then(|| "gzip, unsaid".to_owned());
    let body = match encoding(&head.headers).or_else(unsaid) {
        None => plain(body, is_latin(&head.headers)),
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

/// How every text that is packed with gzip begins (RFC 1952 §2.3.1).
const GZIP: &[u8] = &[0x1f, 0x8b, 8];

/// How the body is compressed, if it is. Some name a charset here, which compresses nothing.
fn encoding(headers: &HeaderMap) -> Option<String> {
    let all = headers.get_all(CONTENT_ENCODING).iter();
    let all = all.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let names = all.map(|name| String::from_utf8_lossy(name.trim_ascii()).into_owned());
    let coded = |name: &String| CODINGS.contains(&&*name.to_ascii_lowercase());
    names.filter(coded).reduce(|all, name| all + ", " + &name)
}

/// The content codings that are registered (RFC 9110 §8.4.1), and what some call them.
const CODINGS: [&str; 9] = [
    "br",
    "compress",
    "dcb",
    "dcz",
    "deflate",
    "gzip",
    "x-compress",
    "x-gzip",
    "zstd",
];

/// Whether the text says that it is in Latin-1, as browsers know it under these names.
fn is_latin(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).map(|kind| kind.as_bytes());
    let kind = String::from_utf8_lossy(kind.unwrap_or_default()).to_ascii_lowercase();
    let names = ["iso-8859-1", "iso8859-1", "latin1", "windows-1252"];
    let charset = kind.split("charset=").nth(1).unwrap_or_default();
    names
        .iter()
        .any(|name| charset.trim_matches('"').starts_with(name))
}

/// The bytes in UTF-8 and without a byte order mark, where they begin with one.
fn plain(bytes: Bytes, is_latin: bool) -> Bytes {
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
        // As JSON was once told apart (RFC 4627 §3): it begins with ASCII.
        [1..=0x7f, 0, ..] => wide(&bytes, u16::from_le_bytes),
        [0, 1..=0x7f, ..] => wide(&bytes, u16::from_be_bytes),
        _ if is_latin && str::from_utf8(&bytes).is_err() => {
            let text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
            Bytes::from(text)
        }
        _ => bytes,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn latin_1_is_read_where_the_answer_says_so() {
        for (kind, sent, meant) in [
            (
                "application/json;charset=ISO-8859-1",
                &b"d\xe9j\xe0"[..],
                "d\u{e9}j\u{e0}",
            ),
            ("text/plain; charset=\"windows-1252\"", b"\xe9", "\u{e9}"),
            (
                "application/json; charset=iso-8859-1",
                "\u{e9}".as_bytes(),
                "\u{e9}",
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
            assert!(is_latin(&headers), "{kind}");
            assert_eq!(plain(Bytes::from_static(sent), true), meant, "{kind}");
        }
    }

    #[test]
    fn what_is_no_compression_is_not_called_one() {
        for (said, coding) in [
            ("gzip", Some("gzip")),
            ("X-GZIP", Some("X-GZIP")),
            ("gzip, br", Some("gzip, br")),
            ("identity, zstd", Some("zstd")),
            ("identity", None),
            ("", None),
            ("UTF-8", None),
            ("none", None),
            ("8bit", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_ENCODING, said.parse().unwrap());
            assert_eq!(encoding(&headers).as_deref(), coding, "{said}");
        }
    }

    #[tokio::test]
    async fn what_is_compressed_is_named_whether_it_says_so_or_not() {
        for (said, body) in [("br", &b"\x0b"[..]), ("identity", b"\x1f\x8b\x08\0")] {
            let mut answer = Response::new(Body::from(Bytes::from_static(body)));
            answer
                .headers_mut()
                .insert(CONTENT_ENCODING, said.parse().unwrap());
            let error = read(answer, 100).await.unwrap_err();
            assert!(error.message().contains("compressed"), "{error}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_no_part_of_an_answer() {
        for (sent, meant) in [
            (&b"\xef\xbb\xbf{}"[..], "{}"),
            (b"\xff\xfe{\0}\0", "{}"),
            (b"\xfe\xff\0{\0}", "{}"),
            (b"{\0}\0", "{}"),
            (b"\0{\0}", "{}"),
            (b"{}", "{}"),
            (b"", ""),
        ] {
            assert_eq!(plain(Bytes::from_static(sent), false), meant, "{sent:?}");
        }
    }
}
