//! [`plain`]: a PEM text as it was before variables, editors and configuration files got hold of it.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// `text` with its line breaks where they belong, if it is PEM: without a byte order mark, quotes and indentation around
/// it, with real line breaks in place of `\n` or blanks, and decoded if it is base64 of such a text. Anything else
/// is left as it is.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    let bare = text.trim_start_matches('\u{feff}').trim();
    let bare = QUOTES.iter().fold(bare, |bare, quote| {
        let inside = bare
            .strip_prefix(*quote)
            .and_then(|rest| rest.strip_suffix(*quote));
        inside.unwrap_or(bare)
    });
    if bare.contains(BEGIN) {
        return Cow::Owned(sections(&bare.replace("\\r", "").replace("\\n", "\n")));
    }
    let joined: String = bare.split_whitespace().collect();
    let decoded = STANDARD.decode(joined).ok();
    match decoded.and_then(|bytes| String::from_utf8(bytes).ok()) {
        Some(inner) if inner.contains(BEGIN) => Cow::Owned(sections(&inner)),
        _ => Cow::Borrowed(text),
    }
}

/// Each section with its lines on lines of their own.
fn sections(text: &str) -> String {
    let mut lines = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(BEGIN) {
        let from = &rest[start..];
        let Some((label, body)) = from[BEGIN.len()..].split_once(DASHES) else {
            break;
        };
        let end = format!("-----END {label}{DASHES}");
        let Some((body, after)) = body.split_once(&end) else {
            break;
        };
        lines += &format!("{BEGIN}{label}{DASHES}\n");
        // A line with a colon is a header, as encrypted keys have them.
        match body.contains(':') {
            true => body
                .lines()
                .for_each(|line| lines += &format!("{}\n", line.trim())),
            false => body
                .split_whitespace()
                .for_each(|word| lines += &format!("{word}\n")),
        }
        lines += &format!("{end}\n");
        rest = after;
    }
    match lines.is_empty() {
        true => text.to_owned(),
        false => lines,
    }
}

const BEGIN: &str = "-----BEGIN ";
const DASHES: &str = "-----";
const QUOTES: [char; 2] = ['"', '\''];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pem_text_is_read_however_it_was_handed_on() {
        let pem = "-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----\n";
        let one_line = pem.trim().replace('\n', "\\n");
        for (spelled, how) in [
            (pem.to_owned(), "as it is"),
            (format!("\u{feff}{pem}"), "with a mark"),
            (pem.replace('\n', "\n    "), "indented"),
            (format!("  {}", pem.replace('\n', "\r\n\t")), "with tabs"),
            (one_line.clone(), "in one line"),
            (format!("\"{one_line}\\n\""), "in quotes"),
            (format!("'{pem}'"), "in others"),
            (pem.replace('\n', " "), "with blanks"),
            (STANDARD.encode(pem), "as base64"),
            (
                format!("{}\n", STANDARD.encode(pem)),
                "as base64 and a line break",
            ),
        ] {
            assert_eq!(plain(&spelled), pem, "{how}");
        }
        for other in ["secret\\n", "{\"kty\":\"oct\"}", " s ", ""] {
            assert_eq!(plain(other), other);
        }
    }
}
