//! What [`scan`](super::scan) does, said with `serde_json`: slower, and what its tests are held against.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The deepest that anything may nest, the object itself included.
const DEPTH: usize = 32;

pub(super) type Members<'a> = Vec<(Cow<'a, str>, &'a str)>;

/// The members of the object that `text` is, in order of name: name and JSON text.
pub(super) fn members(text: &str) -> Option<Members<'_>> {
    let mut reader = serde_json::Deserializer::from_str(text);
    let members = reader.deserialize_map(Outermost).ok()?;
    reader.end().ok()?;
    let mut sorted: Vec<_> = members.iter().map(|(name, _)| name).collect();
    sorted.sort_unstable();
    let unique = sorted.windows(2).all(|pair| pair[0] != pair[1]);
    let mut names = Vec::new();
    let strict = unique
        && members
            .iter()
            .all(|(_, value)| is_strict(value, &mut names));
    strict.then_some(members)
}

/// Whether a value, which is JSON already, is also unambiguous.
fn is_strict<'a>(value: &'a str, names: &mut Vec<Cow<'a, str>>) -> bool {
    match value.as_bytes().first() {
        // Numbers that are short, or that have no exponent and are not endless, are finite.
        Some(b'-' | b'0'..=b'9') if value.len() > 15 => {
            value.parse::<f64>().is_ok_and(f64::is_finite)
        }
        Some(b'"') if !value.contains('\\') => true,
        Some(b'-' | b'0'..=b'9') if !value.contains(['e', 'E']) => true,
        Some(b't' | b'f' | b'n') => true,
        _ => {
            names.clear();
            let seed = Nested { names, depth: 1 };
            let mut reader = serde_json::Deserializer::from_str(value);
            seed.deserialize(&mut reader).is_ok()
        }
    }
}

/// Takes the members of the outermost object apart.
struct Outermost;

impl<'de> Visitor<'de> for Outermost {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut members = Vec::with_capacity(24);
        while let Some(name) = map.next_key_seed(Name)? {
            let value: &'de RawValue = map.next_value()?;
            members.push((name, value.get()));
        }
        Ok(members)
    }
}

/// Goes through a value and keeps nothing but the names of the objects that it is in.
struct Nested<'n, 'de> {
    names: &'n mut Vec<Cow<'de, str>>,
    depth: usize,
}

impl<'n, 'de> Nested<'n, 'de> {
    fn deeper<E: serde::de::Error>(&mut self) -> Result<Nested<'_, 'de>, E> {
        if self.depth >= DEPTH {
            return Err(E::custom("too deep"));
        }
        Ok(Nested {
            names: self.names,
            depth: self.depth + 1,
        })
    }
}

impl<'de> DeserializeSeed<'de> for Nested<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, number: f64) -> Result<(), E> {
        match number.is_finite() {
            true => Ok(()),
            false => Err(E::custom("not a finite number")),
        }
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(mut self, mut list: S) -> Result<(), S::Error> {
        while list.next_element_seed(self.deeper()?)?.is_some() {}
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(mut self, mut map: M) -> Result<(), M::Error> {
        let first = self.names.len();
        while let Some(name) = map.next_key_seed(Name)? {
            self.names.push(name);
            map.next_value_seed(self.deeper()?)?;
        }
        self.names[first..].sort_unstable();
        if self.names[first..]
            .windows(2)
            .any(|pair| pair[0] == pair[1])
        {
            return Err(M::Error::custom("a name comes twice"));
        }
        self.names.truncate(first);
        Ok(())
    }
}

/// The name of a member, borrowed where it has no escapes.
struct Name;

impl<'de> DeserializeSeed<'de> for Name {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<Self::Value, D::Error> {
        reader.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Name {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(name))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(name.to_owned()))
    }
}
