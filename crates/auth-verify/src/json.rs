//! [`Object`]: one JSON object, read strictly. Names are unique at every level, after unescaping;
//! the depth is bounded; numbers are finite; nothing follows.

#[cfg(test)]
mod reference;
mod scan;

use std::borrow::Cow;

use serde::de::DeserializeOwned;

use self::scan::{Name, Span};

/// A JSON object that owns its text. What nobody asks for is checked and never copied.
#[derive(Clone)]
pub(crate) struct Object {
    text: String,
    members: Vec<Member>,
    /// The bits of their tags: most names that are not there are told by them.
    seen: u64,
}

#[derive(Clone)]
struct Member {
    tag: u64,
    name: Name,
    value: Span,
}

impl Object {
    /// Reads `bytes`; `None` if they are not one strict JSON object.
    pub(crate) fn parse(bytes: Vec<u8>) -> Option<Self> {
        let text = String::from_utf8(bytes).ok()?;
        // About as many as a token has in so much text.
        let (mut members, mut seen) = (Vec::with_capacity(text.len() / 48 + 4), 0);
        scan::each_strict_member(&text, |name, value| {
            let tag = scan::tag(name.within(&text));
            seen |= scan::bit(tag);
            members.push(Member { tag, name, value });
        })?;
        let unique = scan::is_unique(
            &members,
            |member| member.tag,
            |member| member.name.within(&text),
        );
        unique.then_some(Self {
            text,
            members,
            seen,
        })
    }

    /// The value of a member.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<Json<'_>> {
        let tag = scan::tag(name);
        if self.seen & scan::bit(tag) == 0 {
            return None;
        }
        self.tagged(tag, name)
    }

    fn tagged(&self, tag: u64, name: &str) -> Option<Json<'_>> {
        let mut tagged = self.members.iter().filter(|member| member.tag == tag);
        let member = tagged.find(|member| member.name.within(&self.text) == name)?;
        Some(self.value(member))
    }

    #[inline]
    pub(crate) fn has(&self, name: &str) -> bool {
        self.get(name).is_some()
    }

    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, Json<'_>)> {
        let all = self.members.iter();
        all.map(|member| (member.name.within(&self.text), self.value(member)))
    }

    fn value(&self, member: &Member) -> Json<'_> {
        Json(member.value.within(&self.text))
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
        if inside.as_bytes().contains(&b'\\') {
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

    /// The words of a list that was written into a text as JSON.
    pub(crate) fn written_list(self) -> Option<Vec<String>> {
        let text = self.text()?;
        text.starts_with('[')
            .then(|| serde_json::from_str(&text).ok())?
    }

    /// Whether it is true, or says so in a text.
    pub(crate) fn says_true(self) -> bool {
        self.is_true()
            || self
                .text()
                .is_some_and(|text| text.eq_ignore_ascii_case("true"))
    }

    pub(crate) fn is_object(self) -> bool {
        self.0.starts_with('{')
    }

    /// The elements, if it is an array.
    pub(crate) fn list(self) -> Option<Vec<Self>> {
        let mut list = Vec::new();
        scan::each_element(self.0, |element| {
            list.push(Json(element));
            Some(())
        })?;
        Some(list)
    }

    /// Goes through the elements; `None` if it is no array of strings alone.
    pub(crate) fn each_text(self, mut each: impl FnMut(Cow<'a, str>)) -> Option<()> {
        scan::each_element(self.0, |element| Json(element).text().map(&mut each))
    }

    /// The elements, if it is an array of strings and of nothing else.
    pub(crate) fn texts(self) -> Option<Vec<Cow<'a, str>>> {
        let mut texts = Vec::new();
        self.each_text(|text| texts.push(text))?;
        Some(texts)
    }

    /// Goes through the members; `None` if it is no object, or if `each` says so.
    pub(crate) fn each_member(
        self,
        mut each: impl FnMut(Cow<'a, str>, Self) -> Option<()>,
    ) -> Option<()> {
        scan::each_member(self.0, |name, value| each(name, Json(value)))
    }

    /// The member called `name`, if it is an object that has one.
    pub(crate) fn get(self, name: &str) -> Option<Self> {
        let mut found = None;
        self.each_member(|other, value| {
            if other == name {
                found = Some(value);
            }
            Some(())
        })?;
        found
    }

    pub(crate) fn read<T: DeserializeOwned>(self) -> serde_json::Result<T> {
        serde_json::from_str(self.0)
    }
}
