//! The grammar of a netrc file: where each word stands in it, so that the rest can stay as it is.
//!
//! There is no standard. This is what Python's `netrc` and curl read, and `ftp` before them: words between
//! blanks, or in double quotes with backslashes; comments from a `#` where a keyword could stand to the
//! end of the line; macros until an empty line.

use std::ops::Range;

use super::Text;

/// What is wrong with a file, or with what should go into it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flaw {
    /// In this line, counted from one.
    Line(usize, &'static str),
    /// This can't be written.
    Value(&'static str),
}

/// The entries of a file, in its order.
#[derive(Debug)]
pub(super) struct Netrc {
    pub(super) entries: Vec<Entry>,
    /// Where the first `default` begins: who reads from the top reads no entry behind it.
    pub(super) default: Option<usize>,
    /// Where macros end, each behind its empty line if it has one.
    pub(super) macros: Vec<usize>,
}

/// A `machine`, or `default`.
#[derive(Debug)]
pub(super) struct Entry {
    /// From its keyword to its last word, and a comment in the line of that.
    pub(super) span: Range<usize>,
    /// `None`: the default.
    pub(super) host: Option<Word>,
    pub(super) logins: Vec<Word>,
    pub(super) passwords: Vec<Word>,
}

/// Where a word stands, with its quotes.
#[derive(Clone, Debug)]
pub(super) struct Word(pub(super) Range<usize>);

impl Netrc {
    pub(super) fn parse(text: &[u8]) -> Result<Self, Flaw> {
        let mut reader = Reader { text, at: 0 };
        if text.starts_with(MARK) {
            reader.at = MARK.len();
        }
        let mut found = Self {
            entries: Vec::new(),
            default: None,
            macros: Vec::new(),
        };
        let mut open = false;
        loop {
            reader.skip_blanks();
            let start = reader.at;
            if text[start..].starts_with(b"#") {
                reader.skip_line();
                found.comment(text, start..reader.at);
                continue;
            }
            let Some(Word(at)) = reader.word()? else {
                return Ok(found);
            };
            match &text[at.clone()] {
                b"machine" => {
                    let host = reader.value(at.start, "a machine without a name")?;
                    found
                        .entries
                        .push(Entry::new(at.start..host.0.end, Some(host)));
                    open = true;
                }
                b"default" => {
                    found.default.get_or_insert(at.start);
                    found.entries.push(Entry::new(at, None));
                    open = true;
                }
                b"macdef" => {
                    reader.value(at.start, "a macro without a name")?;
                    reader.skip_macro();
                    found.macros.push(reader.at);
                    open = false;
                }
                b"login" | b"user" | b"account" | b"password" => {
                    let value = reader.value(at.start, "a word without its value")?;
                    let entry = found.entries.last_mut().filter(|_| open);
                    let Some(entry) = entry else {
                        return Err(reader.flaw(at.start, "a word that belongs to no machine"));
                    };
                    entry.span.end = value.0.end;
                    match &text[at] {
                        b"password" => entry.passwords.push(value),
                        b"account" => {}
                        _ => entry.logins.push(value),
                    }
                }
                _ => return Err(reader.flaw(at.start, "a word that is none of netrc's")),
            }
        }
    }

    /// A comment in the line of an entry's last word is about that entry.
    fn comment(&mut self, text: &[u8], at: Range<usize>) {
        let entry = self.entries.last_mut();
        let entry = entry.filter(|entry| {
            let between = &text[entry.span.end..at.start];
            between.iter().all(|byte| matches!(byte, b' ' | b'\t'))
        });
        if let Some(entry) = entry {
            entry.span.end = at.end;
        }
    }
}

impl Entry {
    fn new(span: Range<usize>, host: Option<Word>) -> Self {
        Self {
            span,
            host,
            logins: Vec::new(),
            passwords: Vec::new(),
        }
    }

    /// Whether some program would take it for the entry of `host`: curl does not look at case.
    pub(super) fn is_of(&self, text: &[u8], host: &str) -> bool {
        let word = self.host.as_ref().map(|word| word.value(text));
        word.is_some_and(|word| word.eq_ignore_ascii_case(host.as_bytes()))
    }

    /// Whether every program takes it for the entry of `host`.
    pub(super) fn is_exactly_of(&self, text: &[u8], host: &str) -> bool {
        let word = self.host.as_ref().map(|word| word.value(text));
        word.is_some_and(|word| **word == *host.as_bytes())
    }
}

impl Word {
    /// What it says, without quotes and backslashes.
    pub(super) fn value(&self, text: &[u8]) -> Text {
        let raw = &text[self.0.clone()];
        let quoted = raw.first() == Some(&b'"');
        let inner = if quoted { &raw[1..raw.len() - 1] } else { raw };
        let mut value = Text::new(Vec::with_capacity(inner.len()));
        let mut bytes = inner.iter();
        while let Some(byte) = bytes.next() {
            let escaped = if *byte == b'\\' { bytes.next() } else { None };
            value.push(*escaped.unwrap_or(byte));
        }
        value
    }

    /// The same as text; bytes that are none are replaced.
    pub(super) fn text(&self, text: &[u8]) -> String {
        String::from_utf8_lossy(&self.value(text)).into_owned()
    }
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    fn skip_blanks(&mut self) {
        let blanks = self.text[self.at..].iter();
        self.at += blanks.take_while(|byte| is_blank(**byte)).count();
    }

    fn word(&mut self) -> Result<Option<Word>, Flaw> {
        self.skip_blanks();
        let start = self.at;
        let quoted = match self.text.get(start) {
            None => return Ok(None),
            Some(first) => *first == b'"',
        };
        let mut at = start + usize::from(quoted);
        loop {
            match self.text.get(at) {
                None if quoted => return Err(self.flaw(start, "a quote that does not end")),
                None => break,
                Some(b'"') if quoted => {
                    at += 1;
                    break;
                }
                Some(b'\\') if matches!(self.text.get(at + 1), None | Some(b'\r' | b'\n')) => {
                    return Err(self.flaw(at, "a backslash with nothing behind it"));
                }
                Some(b'\\') => at += 2,
                Some(byte) if !quoted && is_blank(*byte) => break,
                Some(_) => at += 1,
            }
        }
        self.at = at;
        Ok(Some(Word(start..at)))
    }

    fn value(&mut self, keyword: usize, why: &'static str) -> Result<Word, Flaw> {
        self.word()?.ok_or_else(|| self.flaw(keyword, why))
    }

    /// Leaves the line's end where it is.
    fn skip_line(&mut self) {
        let rest = self.text[self.at..].iter();
        self.at += rest.take_while(|byte| **byte != b'\n').count();
    }

    /// To behind the empty line that ends a macro.
    fn skip_macro(&mut self) {
        self.skip_line();
        self.at = (self.at + 1).min(self.text.len());
        while self.at < self.text.len() {
            let start = self.at;
            self.skip_line();
            let is_empty = matches!(&self.text[start..self.at], b"" | b"\r");
            self.at = (self.at + 1).min(self.text.len());
            if is_empty {
                return;
            }
        }
    }

    fn flaw(&self, at: usize, why: &'static str) -> Flaw {
        let before = self.text[..at].iter();
        Flaw::Line(1 + before.filter(|byte| **byte == b'\n').count(), why)
    }
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// The byte order mark that some editors put first.
const MARK: &[u8] = b"\xef\xbb\xbf";
