//! One word for each who reads it. A token is of visible ASCII (RFC 6749 A.12), of which each reader takes other
//! characters for its own.

use auth_core::{Error, Result};

/// A word that every POSIX shell reads back as `text`.
///
/// # Errors
/// `Protocol` for a line break or a NUL, which could end the command that it stands in.
pub(crate) fn shell(text: &str) -> Result<String> {
    ensure_one_line(text, "a shell")?;
    Ok(format!("'{}'", text.replace('\'', r"'\''")))
}

/// A word in a configuration of curl.
///
/// # Errors
/// As [`shell`].
pub(crate) fn curl(text: &str) -> Result<String> {
    ensure_one_line(text, "curl")?;
    let text = text.replace('\\', r"\\").replace('"', "\\\"");
    Ok(format!("\"{text}\""))
}

/// A word of a netrc file. Some readers undo quotes and backslashes and some do not, so it has none.
///
/// # Errors
/// `Protocol` for what readers disagree about.
pub(crate) fn netrc(text: &str) -> Result<&str> {
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    match text.bytes().all(plain) && !text.is_empty() && !text.starts_with('#') {
        true => Ok(text),
        false => Err(unfit(
            "a netrc file",
            "a blank, a quote, a backslash or a `#` in front",
        )),
    }
}

fn ensure_one_line(text: &str, reader: &str) -> Result<()> {
    match text.contains(['\r', '\n', '\0']) {
        true => Err(unfit(reader, "a line break or a NUL")),
        false => Ok(()),
    }
}

fn unfit(reader: &str, what: &str) -> Error {
    Error::protocol(format!("a value with {what} can't be handed to {reader}"))
        .with_advice("choose another --format")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_exactly_what_was_quoted() {
        assert_eq!(shell("a$(b)`c`\"").unwrap(), "'a$(b)`c`\"'");
        assert_eq!(shell("it's").unwrap(), r"'it'\''s'");
    }

    #[test]
    fn each_reader_has_its_own_quotes() {
        assert_eq!(curl(r#"a\b'c"d$e"#).unwrap(), r#""a\\b'c\"d$e""#);
        assert_eq!(netrc("a#b").unwrap(), "a#b");
    }

    #[test]
    fn what_can_not_be_quoted_is_refused() {
        for bad in ["a\nb", "a\rb", "a\0b"] {
            assert!(shell(bad).is_err(), "{bad:?}");
            assert!(curl(bad).is_err(), "{bad:?}");
            assert!(netrc(bad).is_err(), "{bad:?}");
        }
        for bad in ["", "a b", "a\\b", "a\"b", "#a", "é"] {
            assert!(netrc(bad).is_err(), "{bad:?}");
        }
    }
}
