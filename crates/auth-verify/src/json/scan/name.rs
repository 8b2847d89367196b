//! [`Name`]: what a member is called, and [`Span`]: where something stands.

use std::borrow::Cow;

/// Where something stands in a text of less than 2³² bytes.
#[derive(Clone, Copy)]
pub(in crate::json) struct Span {
    start: u32,
    end: u32,
}

impl Span {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "the text has less than 2³² bytes"
    )]
    pub(super) fn new(start: usize, end: usize) -> Self {
        Self {
            start: start as u32,
            end: end as u32,
        }
    }

    pub(super) fn inside_quotes(self) -> Self {
        Self {
            start: self.start + 1,
            end: self.end - 1,
        }
    }

    pub(in crate::json) fn within(self, text: &str) -> &str {
        &text[self.start as usize..self.end as usize]
    }
}

/// The name of a member.
#[derive(Clone)]
pub(in crate::json) enum Name {
    /// As it stands between its quotes.
    Plain(Span),
    Escaped(Box<str>),
}

impl Name {
    pub(in crate::json) fn within<'a>(&'a self, text: &'a str) -> &'a str {
        match self {
            Self::Plain(span) => span.within(text),
            Self::Escaped(name) => name,
        }
    }

    /// The name in the text that it was found in.
    pub(super) fn read(self, text: &str) -> Cow<'_, str> {
        match self {
            Self::Plain(span) => Cow::Borrowed(span.within(text)),
            Self::Escaped(name) => Cow::Owned(name.into()),
        }
    }
}
