//! [`Scanner`]: goes through JSON text from left to right (RFC 8259).

use super::name::{Name, Span};
use super::{is_unique, tag};

/// Its text has less than 2³² bytes.
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    /// How much deeper it may go.
    depth: usize,
    /// The names of the objects that it is in; `None`: they are known to be unique.
    names: Option<Vec<Name>>,
}

impl<'a> Scanner<'a> {
    /// Refuses what is ambiguous.
    pub(super) fn strict(text: &'a str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            names: Some(Vec::new()),
        }
    }

    /// For a value that a strict scanner went through before.
    pub(super) fn again(text: &'a str) -> Self {
        Self {
            text,
            at: 0,
            depth: usize::MAX,
            names: None,
        }
    }

    pub(super) fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Nothing but blanks is left.
    pub(super) fn end(&mut self) -> Option<()> {
        self.blanks();
        self.peek().is_none().then_some(())
    }

    /// One level deeper.
    pub(super) fn nested<R>(&mut self, inside: impl FnOnce(&mut Self) -> Option<R>) -> Option<R> {
        self.depth = self.depth.checked_sub(1)?;
        let result = inside(self)?;
        self.depth += 1;
        Some(result)
    }

    /// An object, whose members `each` goes through, value included.
    pub(super) fn object(
        &mut self,
        mut each: impl FnMut(&mut Self, Name) -> Option<()>,
    ) -> Option<()> {
        self.take(b'{')?;
        self.blanks();
        if self.peek()? == b'}' {
            return self.take(b'}');
        }
        loop {
            let name = self.name()?;
            self.blanks();
            self.take(b':')?;
            self.blanks();
            each(self, name)?;
            if !self.goes_on(b'}')? {
                return Some(());
            }
        }
    }

    /// An array, whose elements `each` goes through.
    pub(super) fn list(&mut self, mut each: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        self.take(b'[')?;
        self.blanks();
        if self.peek()? == b']' {
            return self.take(b']');
        }
        loop {
            each(self)?;
            if !self.goes_on(b']')? {
                return Some(());
            }
        }
    }

    /// Any value.
    pub(super) fn value(&mut self) -> Option<Span> {
        let start = self.at;
        match self.peek()? {
            b'"' => drop(self.string()?),
            b'{' => self.nested(Self::inner_object)?,
            b'[' => self.nested(|scanner| scanner.list(|scanner| scanner.value().map(drop)))?,
            b't' => self.word("true")?,
            b'f' => self.word("false")?,
            b'n' => self.word("null")?,
            _ => self.number()?,
        }
        Some(self.since(start))
    }

    fn inner_object(&mut self) -> Option<()> {
        let first = self.names.as_ref().map_or(0, Vec::len);
        self.object(|scanner, name| {
            if let Some(names) = &mut scanner.names {
                names.push(name);
            }
            scanner.value().map(drop)
        })?;
        let Some(names) = &mut self.names else {
            return Some(());
        };
        let within = |name: &'_ Name| tag(name.within(self.text));
        let unique = is_unique(&names[first..], within, |name| name.within(self.text));
        names.truncate(first);
        unique.then_some(())
    }

    /// A comma and what comes after it, or the `end`.
    fn goes_on(&mut self, end: u8) -> Option<bool> {
        self.blanks();
        let goes_on = match self.peek()? {
            b',' => true,
            other if other == end => false,
            _ => return None,
        };
        self.at += 1;
        if goes_on {
            self.blanks();
        }
        Some(goes_on)
    }

    fn name(&mut self) -> Option<Name> {
        let start = self.at;
        let escaped = self.string()?;
        if escaped {
            let name = serde_json::from_str(&self.text[start..self.at]);
            return name.ok().map(Name::Escaped);
        }
        Some(Name::Plain(self.since(start).inside_quotes()))
    }

    /// From `start` to here.
    fn since(&self, start: usize) -> Span {
        Span::new(start, self.at)
    }

    /// A string; whether it has escapes.
    fn string(&mut self) -> Option<bool> {
        self.take(b'"')?;
        let mut escaped = false;
        loop {
            let rest = &self.text.as_bytes()[self.at..];
            let plain = plain(rest);
            self.at += plain;
            match *rest.get(plain)? {
                b'"' => {
                    self.at += 1;
                    return Some(escaped);
                }
                b'\\' => self.escape()?,
                _ => return None,
            }
            escaped = true;
        }
    }

    fn escape(&mut self) -> Option<()> {
        self.at += 1;
        let kind = self.peek()?;
        self.at += 1;
        match kind {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => match self.unit()? {
                0xdc00..=0xdfff => None,
                0xd800..=0xdbff => {
                    self.take(b'\\')?;
                    self.take(b'u')?;
                    (0xdc00..=0xdfff).contains(&self.unit()?).then_some(())
                }
                _ => Some(()),
            },
            _ => None,
        }
    }

    /// Four hexadecimal digits.
    fn unit(&mut self) -> Option<u16> {
        let digits = self.text.as_bytes().get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |unit, &digit| {
            let digit = char::from(digit).to_digit(16)?;
            Some(unit << 4 | u16::try_from(digit).ok()?)
        })
    }

    fn number(&mut self) -> Option<()> {
        let start = self.at;
        if self.peek()? == b'-' {
            self.at += 1;
        }
        match self.peek()? {
            b'0' => self.at += 1,
            _ => self.digits()?,
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits()?;
        }
        let has_exponent = matches!(self.peek(), Some(b'e' | b'E'));
        if has_exponent {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits()?;
        }
        // Short numbers without an exponent are finite.
        if !has_exponent && self.at - start < 300 {
            return Some(());
        }
        let number = self.text[start..self.at].parse::<f64>();
        number.is_ok_and(f64::is_finite).then_some(())
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let is_here = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        is_here.then_some(())
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        let is_here = self.peek()? == byte;
        self.at += 1;
        is_here.then_some(())
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }
}

/// How many bytes of a string there are before a quote, a backslash or a control character. The text is
/// UTF-8, so none of these is ever a part of another character.
fn plain(text: &[u8]) -> usize {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    // Eight bytes at once: the top bit of each tells whether the byte is zero, or below `limit`. A byte
    // after one that tells may tell too, but only the first one counts.
    let below = |eight: u64, limit: u64| eight.wrapping_sub(ONES * limit) & !eight & TOPS;
    let is = |eight: u64, byte: u8| below(eight ^ (ONES * u64::from(byte)), 1);
    let mut at = 0;
    while let Some(eight) = text.get(at..at + 8).and_then(|eight| eight.try_into().ok()) {
        let eight = u64::from_le_bytes(eight);
        let telling = below(eight, 0x20) | is(eight, b'"') | is(eight, b'\\');
        if telling != 0 {
            return at + telling.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let rest = text[at..].iter();
    at + rest
        .take_while(|&&byte| byte != b'"' && byte != b'\\' && byte >= 0x20)
        .count()
}
