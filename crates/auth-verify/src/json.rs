//! [`Object`]: one JSON object, read strictly. Names are unique at every level, after unescaping;
//! the depth is bounded; numbers are finite; nothing follows.

mod strict;

use std::borrow::Cow;
use std::ops::Range;

use serde::de::DeserializeOwned;

/// A JSON object that owns its text. What nobody asks for is checked and never copied.
#[derive(Clone)]
pub(crate) struct Object {
    text: String,
    /// In order of name.
    members: Vec<Member>,
}

#[derive(Clone)]
struct Member {
    name: Name,
    value: Range<usize>,
}

#[derive(Clone)]
enum Name {
    Plain(Range<usize>),
    Escaped(Box<str>),
}

impl Object {
    /// Reads `bytes`; `None` if they are not one strict JSON object.
    pub(crate) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let text = String::from_utf8(bytes).ok()?;
        let members = strict::members(&text)?;
        let start = text.as_ptr() as usize;
        let place = |part: &str| {
            let at = part.as_ptr() as usize - start;
            at..at + part.len()
        };
        let members = members
            .into_iter()
            .map(|(name, value)| Member {
                value: place(value),
                name: match name {
                    Cow::Borrowed(name) => Name::Plain(place(name)),
                    Cow::Owned(name) => Name::Escaped(name.into()),
                },
            })
            .collect();
        Some(Self { text, members })
    }

    /// The value of a member.
    pub(crate) fn get(&self, name: &str) -> Option<Json<'_>> {
        self.members()
            .find(|(other, _)| *other == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, Json<'_>)> {
        self.members.iter().map(|member| {
            let name = match &member.name {
                Name::Plain(range) => &self.text[range.clone()],
                Name::Escaped(name) => name,
            };
            (name, Json(&self.text[member.value.clone()]))
        })
    }

    /// The whole object as a type of the caller's.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.text)
    }
}

/// A value that was read strictly already: its JSON text.
#[derive(Clone, Copy)]
pub(crate) struct Json<'a>(&'a str);

impl<'a> Json<'a> {
    /// The text, if it is a string.
    pub(crate) fn text(self) -> Option<Cow<'a, str>> {
        let inside = self.0.strip_prefix('"')?.strip_suffix('"')?;
        if inside.contains('\\') {
            return serde_json::from_str(self.0).ok().map(Cow::Owned);
        }
        Some(Cow::Borrowed(inside))
    }

    /// The number, if it is one.
    pub(crate) fn number(self) -> Option<f64> {
        let first = self.0.bytes().next()?;
        (first == b'-' || first.is_ascii_digit())
            .then(|| self.0.parse().ok())
            .flatten()
    }

    pub(crate) fn is_null(self) -> bool {
        self.0 == "null"
    }

    pub(crate) fn is_true(self) -> bool {
        self.0 == "true"
    }

    /// The elements, if it is an array.
    pub(crate) fn list(self) -> Option<Vec<Self>> {
        let list: Vec<&serde_json::value::RawValue> = serde_json::from_str(self.0).ok()?;
        Some(list.into_iter().map(|value| Json(value.get())).collect())
    }

    /// The elements, if it is an array of strings and of nothing else.
    pub(crate) fn texts(self) -> Option<Vec<Cow<'a, str>>> {
        self.list()?.into_iter().map(Json::text).collect()
    }

    /// The members, if it is an object.
    pub(crate) fn object(self) -> Option<Vec<(Cow<'a, str>, Self)>> {
        let members = strict::members(self.0)?;
        Some(
            members
                .into_iter()
                .map(|(name, value)| (name, Json(value)))
                .collect(),
        )
    }

    /// The member called `name`, if it is an object that has one.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let mut members = self.object()?.into_iter();
        members
            .find(|(other, _)| other == name)
            .map(|(_, value)| value)
    }

    pub(crate) fn read<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        serde_json::from_str(self.0)
    }
}
