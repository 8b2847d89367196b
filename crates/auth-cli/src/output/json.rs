//! JSON that steers no terminal: what could is escaped, which every reader undoes.

use std::fmt::Write as _;

use auth_core::error::is_harmful;
use auth_core::{Error, Result};
use serde::Serialize;

/// `value` on many lines, with a line break at the end.
///
/// # Errors
/// `Protocol` if it can't be written as JSON.
pub(crate) fn text(value: &impl Serialize) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map(|text| harmless(&text))
        .map_err(|_| unwritable())
}

/// The same on one line.
///
/// # Errors
/// As [`text`].
pub(crate) fn line(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map(|text| harmless(&text))
        .map_err(|_| unwritable())
}

fn unwritable() -> Error {
    Error::protocol("the answer can't be written as JSON")
}

fn harmless(json: &str) -> String {
    let mut text = String::with_capacity(json.len() + 1);
    for character in json.chars() {
        // Between its strings, JSON has only characters that are harmless; the line breaks are ours.
        if character == '\n' || !is_harmful(character) {
            text.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            let _ = write!(text, "\\u{unit:04x}");
        }
    }
    text.push('\n');
    text
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn what_could_steer_a_terminal_is_escaped_and_read_back() {
        let nasty = "a\u{1b}[2J\u{7f}\u{9b}\u{202e}\u{200b}\u{feff}\u{e0041}é\n";
        let written = text(&[nasty]).unwrap();
        assert_eq!(
            written,
            "[\n  \"a\\u001b[2J\\u007f\\u009b\\u202e\\u200b\\ufeff\\udb40\\udc41é\\n\"\n]\n"
        );
        let [read]: [String; 1] = serde_json::from_str(&written).unwrap();
        assert_eq!(read, nasty);
    }
}
