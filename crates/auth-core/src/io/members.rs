//! [`Members`]: the members of an object that somebody else wrote, each read when it is needed.

use std::collections::BTreeMap;
use std::fmt;

use bytes::Bytes;
use http::Response;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, de};
use serde_json::value::RawValue;
use serde_json::{Map, Value};
use url::form_urlencoded;

use crate::error::Untrusted;

/// What an answer says, by name. One odd member never costs the others: what is `null`, has another type than is asked
/// for, or was given twice with different values, is not there, and [`fault`](Self::fault) says why.
#[derive(Debug, Default)]
pub(crate) struct Members(BTreeMap<String, Member>);

#[derive(Debug)]
enum Member {
    Once(Box<RawValue>),
    /// Given again with another value: nobody knows which one counts.
    Twice,
}

impl Members {
    /// Reads a JSON object; `None` if `text` is none.
    pub(crate) fn parse(text: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(text);
        let begins = text.trim_start().starts_with('{');
        begins.then(|| serde_json::from_str(&text).ok())?
    }

    /// Reads what a token endpoint answered: a JSON object, or parameters as of a form, as some answer whatever was
    /// asked for.
    pub(crate) fn of(answer: &Response<Bytes>) -> Option<Self> {
        Self::parse(answer.body()).or_else(|| Self::of_form(answer.body()))
    }

    /// By its letters, not by its type: servers call it a form, text, a page or JSON. No page and no JSON is spelled so.
    fn of_form(body: &[u8]) -> Option<Self> {
        let body = body.trim_ascii();
        let fits = |byte: &u8| byte.is_ascii_graphic() && !b"<>\"{}".contains(byte);
        if !body.iter().all(fits) {
            return None;
        }
        let mut members = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(body) {
            let value = serde_json::value::to_raw_value(&value).ok()?;
            add(&mut members, name.into_owned(), value);
        }
        let says = |name: &&str| members.contains_key(*name);
        let told = ["access_token", "device_code", "error"].iter().any(says);
        (body.contains(&b'=') && told).then_some(Self(members))
    }

    /// The text of a member; `None` if there is none, or an empty one.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let text: String = serde_json::from_str(self.raw(name)?).ok()?;
        (!text.is_empty()).then_some(text)
    }

    /// The text of a member that must be there. The error says what is wrong, to stand after “with”.
    pub(crate) fn need(&self, name: &str) -> Result<String, String> {
        self.text(name).ok_or_else(|| self.lack(name))
    }

    /// The first of these members that has a text: names of one and the same thing.
    #[cfg(feature = "person")]
    pub(crate) fn first_text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    /// Words, in one text with blanks between or in a list.
    pub(crate) fn words(&self, name: &str) -> Option<String> {
        self.text(name).or_else(|| {
            let list = self.list(name)?;
            (!list.is_empty()).then(|| list.join(" "))
        })
    }

    /// The texts of a list, whatever else is in it; one text alone is a list of one.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<String>> {
        match self.value(name)? {
            Value::Array(all) => {
                let texts = all.into_iter().filter_map(|one| match one {
                    Value::String(text) if !text.is_empty() => Some(text),
                    _ => None,
                });
                Some(texts.collect())
            }
            _ => self.text(name).map(|text| vec![text]),
        }
    }

    /// A number, or a text of one.
    pub(crate) fn number(&self, name: &str) -> Option<f64> {
        let text = self.raw(name)?.trim_matches('"').trim();
        text.parse().ok().filter(|number: &f64| !number.is_nan())
    }

    /// Whether a member is true, or says so in a text.
    pub(crate) fn is_true(&self, name: &str) -> bool {
        matches!(self.raw(name), Some("true" | "\"true\""))
    }

    /// Whether something is called so, whatever it is, unless it is `null`.
    pub(crate) fn has(&self, name: &str) -> bool {
        match self.0.get(name) {
            Some(Member::Once(raw)) => raw.get() != "null",
            Some(Member::Twice) => true,
            None => false,
        }
    }

    /// The value of a member.
    pub(crate) fn value(&self, name: &str) -> Option<Value> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// A member as a type of the caller's.
    pub(crate) fn read<'a, T: Deserialize<'a>>(&'a self, name: &str) -> Option<T> {
        serde_json::from_str(self.raw(name)?).ok()
    }

    /// All that can be read, for whoever looks for members of their own.
    pub(crate) fn into_map(self) -> Map<String, Value> {
        let names: Vec<String> = self.0.keys().cloned().collect();
        let read = |name: String| {
            let value = self.value(&name)?;
            Some((name, value))
        };
        names.into_iter().filter_map(read).collect()
    }

    /// What is wrong with a member that is there and can't be used, to stand after “with”.
    pub(crate) fn fault(&self, name: &str) -> Option<String> {
        self.has(name).then(|| self.lack(name))
    }

    /// What is wrong with any of them: given twice with different values, or no value that can be read. For answers whose
    /// every member decides, where one that is left out would decide otherwise.
    pub(crate) fn any_fault(&self) -> Option<String> {
        let mut all = self.0.iter();
        all.find_map(|(name, member)| match member {
            Member::Twice => Some(format!("two different `{}`", quoted(name))),
            Member::Once(raw) => {
                let is_read = serde_json::from_str::<Value>(raw.get()).is_ok();
                (!is_read).then(|| format!("a `{}` that can't be read", quoted(name)))
            }
        })
    }

    fn lack(&self, name: &str) -> String {
        let said = match self.0.get(name) {
            Some(Member::Twice) => return format!("two different `{name}`"),
            None => return format!("no `{name}`"),
            Some(Member::Once(raw)) => raw.get(),
        };
        let what = match said.as_bytes().first() {
            Some(b'"') if said == "\"\"" => "is empty",
            Some(b'"') => "is a text that can't be used here",
            Some(b'{') => "is an object",
            Some(b'[') => "is a list",
            Some(b't' | b'f') => "is true or false",
            Some(b'n') => "is null",
            _ => "is a number",
        };
        let article = if name.starts_with(['a', 'e', 'i', 'o']) {
            "an"
        } else {
            "a"
        };
        format!("{article} `{name}` that {what}")
    }

    fn raw(&self, name: &str) -> Option<&str> {
        match self.0.get(name)? {
            Member::Once(raw) if raw.get() != "null" => Some(raw.get()),
            _ => None,
        }
    }
}

/// Adds a member. One that comes again with the same value is one.
fn add(members: &mut BTreeMap<String, Member>, name: String, value: Box<RawValue>) {
    let member = match members.remove(&name) {
        None => Member::Once(value),
        Some(Member::Once(known)) if known.get() == value.get() => Member::Once(known),
        Some(_) => Member::Twice,
    };
    members.insert(name, member);
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Members, M::Error> {
                let mut members = BTreeMap::new();
                while let Some((name, value)) = map.next_entry()? {
                    add(&mut members, name, value);
                    if members.len() > MOST {
                        return Err(de::Error::custom("too many members"));
                    }
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(Object)
    }
}

/// A text of the server's in a message.
pub(crate) fn quoted(text: &str) -> String {
    Untrusted::new(text).with_limit(80).to_string()
}

/// No honest answer has more.
const MOST: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_odd_member_costs_none_of_the_others_and_is_named() {
        let members = Members::parse(
            br#"{"a":"t","list":["x",5,"","y",null],"n":"7","nil":null,"big":1e999,"odd":"\ud800","a":"t",
                "two":1,"two":2,"empty":""}"#,
        );
        let members = members.unwrap();
        assert_eq!(members.need("a").unwrap(), "t", "the same value twice");
        assert_eq!(members.words("list").unwrap(), "x y");
        assert_eq!(members.list("list").unwrap(), ["x", "y"]);
        assert_eq!(members.list("a").unwrap(), ["t"]);
        assert_eq!(
            (members.list("n"), members.words("nil")),
            (Some(vec!["7".into()]), None)
        );
        assert_eq!(members.number("n"), Some(7.0));
        assert_eq!(members.number("big"), Some(f64::INFINITY));
        for (name, fault) in [
            ("list", "a `list` that is a list"),
            ("odd", "an `odd` that is a text that can't be used here"),
            ("two", "two different `two`"),
            ("empty", "an `empty` that is empty"),
            ("big", "a `big` that is a number"),
            ("none", "no `none`"),
        ] {
            assert_eq!(members.need(name).unwrap_err(), fault);
        }
        assert_eq!(members.fault("nil"), None, "null is not there");
        assert_eq!(members.any_fault().unwrap(), "a `big` that can't be read");
        assert_eq!(
            Members::parse(br#"{"a":1,"nil":null,"l":[]}"#)
                .unwrap()
                .any_fault(),
            None
        );
        assert!(Members::parse(b"[]").is_none() && Members::parse(b"{").is_none());
    }
}
