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

/// A word that fish reads back as `text`.
///
/// # Errors
/// As [`shell`].
pub(super) fn fish(text: &str) -> Result<String> {
    ensure_one_line(text, "fish")?;
    let text = text.replace('\\', r"\\").replace('\'', r"\'");
    Ok(format!("'{text}'"))
}

/// A word that PowerShell reads back as `text`.
///
/// # Errors
/// As [`shell`]; for quotes that PowerShell takes for the one of ASCII.
pub(super) fn powershell(text: &str) -> Result<String> {
    ensure_one_line(text, "PowerShell")?;
    if text.contains(['\u{2018}', '\u{2019}', '\u{201a}', '\u{201b}']) {
        return Err(unfit("PowerShell", "a curly quote"));
    }
    Ok(format!("'{}'", text.replace('\'', "''")))
}

/// What stands between the quotes of `set "NAME=…"` for cmd.exe, which has no way to escape there: a percent sign
/// is read differently at the prompt and in a batch file, an exclamation mark where delayed expansion is on.
///
/// # Errors
/// `Protocol` for what can't be handed over, and for a line that is longer than cmd.exe reads.
pub(super) fn cmd(text: &str) -> Result<&str> {
    ensure_one_line(text, "cmd.exe")?;
    if text.contains(['%', '"', '!']) {
        return Err(unfit("cmd.exe", "a quote, `%` or `!`"));
    }
    if text.len() > CMD_LIMIT {
        return Err(unfit("cmd.exe", "more than 8000 characters"));
    }
    Ok(text)
}

/// A word in a configuration of curl.
///
/// # Errors
/// As [`shell`].
pub(super) fn curl(text: &str) -> Result<String> {
    ensure_one_line(text, "curl")?;
    let text = text.replace('\\', r"\\").replace('"', "\\\"");
    Ok(format!("\"{text}\""))
}

/// A word of a netrc file. Some readers undo quotes and backslashes and some do not, so it has none.
///
/// # Errors
/// `Protocol` for what readers disagree about.
pub(super) fn netrc(text: &str) -> Result<&str> {
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

/// cmd.exe reads 8191 characters, with the command and the name.
const CMD_LIMIT: usize = 8000;

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
        let token = r#"a\b'c"d$e"#;
        assert_eq!(fish(token).unwrap(), r#"'a\\b\'c"d$e'"#);
        assert_eq!(powershell(token).unwrap(), r#"'a\b''c"d$e'"#);
        assert_eq!(curl(token).unwrap(), r#""a\\b'c\"d$e""#);
        assert_eq!(cmd("a^b&c|d<e>").unwrap(), "a^b&c|d<e>");
        assert_eq!(netrc("a#b").unwrap(), "a#b");
    }

    #[test]
    fn what_can_not_be_quoted_is_refused() {
        for bad in ["a\nb", "a\rb", "a\0b"] {
            assert!(shell(bad).is_err(), "{bad:?}");
            assert!(fish(bad).is_err(), "{bad:?}");
            assert!(powershell(bad).is_err(), "{bad:?}");
            assert!(curl(bad).is_err(), "{bad:?}");
            assert!(cmd(bad).is_err(), "{bad:?}");
            assert!(netrc(bad).is_err(), "{bad:?}");
        }
        for bad in ["100%", "a\"b", "a!b"] {
            assert!(cmd(bad).is_err(), "{bad:?}");
        }
        assert!(cmd(&"a".repeat(9000)).is_err());
        for bad in ["", "a b", "a\\b", "a\"b", "#a", "é"] {
            assert!(netrc(bad).is_err(), "{bad:?}");
        }
        assert!(powershell("a\u{2019}; calc; \u{2018}b").is_err());
    }
}
