//! Changes of one machine's entry, which leave every other byte as it is.

use std::ops::Range;

use auth_core::RefreshToken;

use super::Text;
use super::grammar::{Entry, Flaw, Netrc, Word, is_blank};

/// The text in which `host` has this login and password, and one entry.
pub(super) fn set(text: &[u8], host: &str, login: &str, password: &str) -> Result<Text, Flaw> {
    let netrc = Netrc::parse(text)?;
    let (host_word, login) = (quoted(host, "host")?, quoted(login, "login")?);
    let password = quoted(password, "password")?;
    let mut edits = Edits::new(text);
    // One behind `default` is out of reach for who reads from the top.
    let reached = |entry: &Entry| {
        netrc
            .default
            .is_none_or(|default| entry.span.start < default)
    };
    let mut kept = false;
    for entry in netrc.entries.iter().filter(|entry| entry.is_of(text, host)) {
        match &entry.host {
            Some(name) if reached(entry) && !kept => {
                kept = true;
                edits.add(name.0.clone(), host_word.clone());
                edits.put_all(&entry.logins, &login);
                edits.put_all(&entry.passwords, &password);
                let mut missing = Text::default();
                if entry.logins.is_empty() {
                    missing.extend_from_slice(b" login ");
                    missing.extend_from_slice(&login);
                }
                if entry.passwords.is_empty() {
                    missing.extend_from_slice(b" password ");
                    missing.extend_from_slice(&password);
                }
                edits.add(name.0.end..name.0.end, missing);
                edits.part(name.0.end);
            }
            _ => edits.add(cut(text, entry, &netrc), Text::default()),
        }
    }
    if !kept {
        let lines: [&[u8]; 7] = [
            b"machine ",
            &host_word,
            b"\n    login ",
            &login,
            b"\n    password ",
            &password,
            b"\n",
        ];
        let (at, before) = place(text, &netrc);
        edits.add(at..at, Text::new([before, &lines.concat()].concat()));
    }
    Ok(edits.made())
}

/// The text with `new` in place of each password for `host` that is `ours`; `None` if there is none.
pub(super) fn replace(
    text: &[u8],
    host: &str,
    ours: &dyn Fn(&RefreshToken) -> bool,
    new: &str,
) -> Result<Option<Text>, Flaw> {
    let (netrc, new) = (Netrc::parse(text)?, quoted(new, "password")?);
    let mut edits = Edits::new(text);
    for entry in netrc.entries.iter().filter(|entry| entry.is_of(text, host)) {
        if is_ours(text, entry, ours) {
            edits.put_all(&entry.passwords, &new);
        }
    }
    Ok(edits.made_if_any())
}

/// The text without the entries for `host` whose password is `ours`; `None` if there is none.
pub(super) fn remove(
    text: &[u8],
    host: &str,
    ours: &dyn Fn(&RefreshToken) -> bool,
) -> Result<Option<Text>, Flaw> {
    let netrc = Netrc::parse(text)?;
    let mut edits = Edits::new(text);
    for entry in netrc.entries.iter().filter(|entry| entry.is_of(text, host)) {
        if is_ours(text, entry, ours) {
            edits.add(cut(text, entry, &netrc), Text::default());
        }
    }
    Ok(edits.made_if_any())
}

/// Whether there is nothing in the text but entries with this login.
pub(super) fn is_all_of(text: &[u8], login: &str) -> bool {
    let Ok(netrc) = Netrc::parse(text) else {
        return false;
    };
    let mut edits = Edits::new(text);
    for entry in &netrc.entries {
        if entry.logins.last().map(|word| word.text(text)).as_deref() == Some(login) {
            edits.add(entry.span.clone(), Text::default());
        }
    }
    edits.made().iter().all(|byte| is_blank(*byte))
}

fn is_ours(text: &[u8], entry: &Entry, ours: &dyn Fn(&RefreshToken) -> bool) -> bool {
    let last = entry.passwords.last();
    last.is_some_and(|word| ours(&RefreshToken::new(word.text(text))))
}

/// Where a new entry goes, and what must stand between.
fn place(text: &[u8], netrc: &Netrc) -> (usize, &'static [u8]) {
    if let Some(default) = netrc.default {
        let start = before_blanks(text, default);
        return match starts_line(text, start) {
            true => (start, b""),
            false => (default, b"\n"),
        };
    }
    let end = text.len();
    match text.last() {
        None => (end, b""),
        Some(b'\n') => (end, b"\n"),
        // The first one ends the last line.
        Some(_) => (end, b"\n\n"),
    }
}

/// What to take out so that an entry is gone: its lines, if nothing else is in them, and the empty line
/// before it if it is the last thing in the file.
fn cut(text: &[u8], entry: &Entry, netrc: &Netrc) -> Range<usize> {
    let mut start = before_blanks(text, entry.span.start);
    let mut end = entry.span.end;
    end += text[end..]
        .iter()
        .take_while(|byte| is_space(**byte))
        .count();
    if !starts_line(text, start) {
        return start..entry.span.end;
    }
    match &text[end..] {
        [b'\r', b'\n', ..] => end += 2,
        [b'\n', ..] => end += 1,
        _ => {}
    }
    // An empty line that ends a macro stays.
    let is_free = !netrc.macros.contains(&start);
    if end == text.len() && is_free && (text[..start].ends_with(b"\n\n") || start == 1) {
        start -= 1;
    }
    start..end
}

fn before_blanks(text: &[u8], at: usize) -> usize {
    let blanks = text[..at].iter().rev();
    at - blanks.take_while(|byte| is_space(**byte)).count()
}

fn starts_line(text: &[u8], at: usize) -> bool {
    at == 0 || text[at - 1] == b'\n'
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// A word as every program reads it: in quotes only where it must be.
fn quoted(value: &str, what: &'static str) -> Result<Text, Flaw> {
    if value.chars().any(char::is_control) {
        return Err(Flaw::Value(what));
    }
    let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    if !value.is_empty() && !value.starts_with('#') && value.bytes().all(plain) {
        return Ok(Text::new(value.as_bytes().to_vec()));
    }
    let mut word = Text::new(Vec::with_capacity(2 * value.len() + 2));
    word.push(b'"');
    for byte in value.bytes() {
        if matches!(byte, b'"' | b'\\') {
            word.push(b'\\');
        }
        word.push(byte);
    }
    word.push(b'"');
    Ok(word)
}

/// Replacements in a text, in its order.
struct Edits<'a> {
    text: &'a [u8],
    list: Vec<(Range<usize>, Text)>,
}

impl<'a> Edits<'a> {
    fn new(text: &'a [u8]) -> Self {
        let list = Vec::new();
        Self { text, list }
    }

    fn add(&mut self, at: Range<usize>, new: Text) {
        self.list.push((at, new));
    }

    /// Puts `new` in place of a word.
    fn put(&mut self, word: &Word, new: &Text) {
        self.add(word.0.clone(), new.clone());
        self.part(word.0.end);
    }

    /// A quote ends a word without a blank, what takes its place may not.
    fn part(&mut self, end: usize) {
        if self.text.get(end).is_some_and(|byte| !is_blank(*byte)) {
            self.add(end..end, Text::new(vec![b' ']));
        }
    }

    fn put_all(&mut self, words: &[Word], new: &Text) {
        for word in words {
            self.put(word, new);
        }
    }

    fn made(mut self) -> Text {
        // Stable: what is added at the end of a word comes after the word, in its order.
        self.list.sort_by_key(|(at, _)| at.start);
        let mut made = Text::new(Vec::with_capacity(self.text.len() + 4096));
        let mut from = 0;
        for (at, new) in &self.list {
            made.extend_from_slice(&self.text[from..at.start.max(from)]);
            made.extend_from_slice(new);
            from = at.end.max(from);
        }
        made.extend_from_slice(&self.text[from..]);
        made
    }

    fn made_if_any(self) -> Option<Text> {
        (!self.list.is_empty()).then(|| self.made())
    }
}

#[cfg(test)]
mod tests;
