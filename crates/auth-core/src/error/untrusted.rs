//! [`Untrusted`]: text from the network, made safe to show.

use std::fmt;

/// Text that somebody else wrote, displayed so that it can do no harm: on one line, bounded, and with
/// every character that could steer a terminal or mislead a reader as a visible escape (control
/// characters of both sets, line separators, bidirectional and zero-width characters, tags).
///
/// ```
/// let name = auth_core::error::Untrusted::new("ok\u{1b}[2J\u{202e}exe");
/// assert_eq!(name.to_string(), r"ok\u{1b}[2J\u{202e}exe");
/// ```
#[derive(Clone, Copy)]
pub struct Untrusted<'a> {
    text: &'a str,
    limit: usize,
}

impl<'a> Untrusted<'a> {
    /// Shows at most 512 characters of `text`.
    pub fn new(text: &'a str) -> Self {
        Self { text, limit: 512 }
    }

    /// Shows at most `limit` characters.
    #[must_use]
    pub fn with_limit(self, limit: usize) -> Self {
        Self { limit, ..self }
    }
}

impl fmt::Display for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.text.chars();
        for character in rest.by_ref().take(self.limit) {
            if is_harmful(character) {
                write!(f, "{}", character.escape_unicode())?;
            } else {
                write!(f, "{character}")?;
            }
        }
        if rest.next().is_some() {
            f.write_str("…")
        } else {
            Ok(())
        }
    }
}

impl fmt::Debug for Untrusted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

/// Whether a character could steer a terminal or mislead a reader: a control character of either set, a line separator,
/// a bidirectional character, a tag, or one that is not seen (Unicode's `Default_Ignorable_Code_Point`).
pub fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::Untrusted;

    #[test]
    fn nothing_from_the_network_can_steer_a_terminal() {
        let shown = Untrusted::new("a\u{1b}]52;c;x\u{7}\u{9b}2J\r\n\u{202e}\u{200b}b").to_string();
        assert!(shown.chars().all(|c| !super::is_harmful(c)), "{shown}");
        assert!(shown.starts_with("a\\u{1b}]52") && shown.ends_with('b'));
        // Letters to Unicode, and blanks to whoever looks.
        let shown = Untrusted::new("a\u{3164}\u{115f}\u{ffa0}b").to_string();
        assert_eq!(shown, r"a\u{3164}\u{115f}\u{ffa0}b");
    }

    #[test]
    fn long_text_is_cut_and_says_so() {
        let shown = Untrusted::new(&"é".repeat(600)).to_string();
        assert_eq!(shown.chars().count(), 513);
        assert!(shown.ends_with('…'));
    }
}
