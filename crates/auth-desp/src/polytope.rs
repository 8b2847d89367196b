//! [`PolytopeFile`]: the file in which Polytope's client looks for its key.

use std::fmt;
use std::path::{Path, PathBuf};

use auth_core::clock::Clock;
use auth_core::{Error, RefreshToken, Result};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::shared_file::{Change, SharedFile, Text};

/// The JSON file in which `polytope-client` looks for its key: the refresh token is the key `user_key`.
///
/// Other keys stay, in their order, but for `user_email`: a client that finds one sends the token as a key
/// of ECMWF's, which the data bridges refuse. The file is written as a
/// [netrc file](crate::netrc::NetrcFile) is, with the same rules; it is copied before its first change
/// where it has more in it than the key.
#[derive(Clone, Debug)]
pub struct PolytopeFile(SharedFile);

impl PolytopeFile {
    /// The file at `path`. Does no I/O.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self(SharedFile::new(path, "{}\n"))
    }

    /// The one that the client looks into, in the person's `home`. Does no I/O.
    pub fn of_person(home: &Path) -> Self {
        Self::new(home.join(".polytopeapirc"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The key that the client finds.
    ///
    /// # Errors
    /// `Config` if the file can't be read or is no JSON object.
    pub async fn token(&self) -> Result<Option<RefreshToken>> {
        let Some(text) = self.0.read().await? else {
            return Ok(None);
        };
        Ok(self.keys(&text)?.token())
    }

    /// Makes `token` the key that the client finds, whatever stood there.
    ///
    /// # Errors
    /// `Config` if the file can't be read or written or is no JSON object; `Unavailable` if another
    /// process does not let go of it.
    pub async fn set(&self, token: &RefreshToken, clock: &dyn Clock) -> Result<()> {
        let (file, token) = (self.clone(), token.clone());
        let edit = move |text: &[u8]| {
            let keys = file.keys(text)?;
            let is_alone = keys.0.iter().all(|(name, _)| name == KEY);
            let after = keys.with_token(&token).text();
            Ok(Some(match is_alone {
                true => Change::of_ours(after),
                false => Change::among_others(after),
            }))
        };
        self.0.change(clock, edit).await.map(|_| ())
    }

    /// Puts `new` in place of the key where it is `ours`. False, and nothing done, where it is not: then
    /// somebody has put another one there.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn replace(
        &self,
        ours: impl Fn(&RefreshToken) -> bool + Send + Sync + 'static,
        new: &RefreshToken,
        clock: &dyn Clock,
    ) -> Result<bool> {
        let (file, new) = (self.clone(), new.clone());
        let edit = move |text: &[u8]| {
            let keys = file.keys(text)?;
            if !keys.token().is_some_and(|token| ours(&token)) {
                return Ok(None);
            }
            let keys = keys.with_token(&new);
            Ok(Some(Change::of_ours(keys.text())))
        };
        self.0.change(clock, edit).await
    }

    /// Takes the key out where it is `ours`; a file in which nothing is left goes. False, and nothing
    /// done, where it is not.
    ///
    /// # Errors
    /// As [`set`](Self::set).
    pub async fn remove(
        &self,
        ours: impl Fn(&RefreshToken) -> bool + Send + Sync + 'static,
        clock: &dyn Clock,
    ) -> Result<bool> {
        let file = self.clone();
        let edit = move |text: &[u8]| {
            let mut keys = file.keys(text)?;
            if !keys.token().is_some_and(|token| ours(&token)) {
                return Ok(None);
            }
            keys.0.retain(|(name, _)| name != KEY);
            Ok(Some(Change::of_ours(keys.text())))
        };
        self.0.change(clock, edit).await
    }

    /// Never with a piece of the file, which may be a key.
    fn keys(&self, text: &[u8]) -> Result<Keys> {
        let text = text
            .strip_prefix(b"\xef\xbb\xbf")
            .unwrap_or(text)
            .trim_ascii();
        if text.is_empty() {
            return Ok(Keys(Vec::new()));
        }
        serde_json::from_slice(text).map_err(|error| {
            let shown = self.path().display();
            let line = error.line();
            Error::config(format!("{shown} is no JSON object: see line {line}"))
                .with_advice("mend it, move it away, or name another file")
        })
    }
}

/// A JSON object as it is written: names in their order, values untouched.
struct Keys(Vec<(String, Box<RawValue>)>);

impl Keys {
    fn token(&self) -> Option<RefreshToken> {
        let mut keys = self.0.iter().rev();
        let (_, value) = keys.find(|(name, _)| name == KEY)?;
        let token: String = serde_json::from_str(value.get()).ok()?;
        Some(RefreshToken::new(token))
    }

    /// In the place of the old one, if there is one.
    fn with_token(mut self, token: &RefreshToken) -> Self {
        let value = serde_json::value::to_raw_value(token.expose_secret());
        let value = value.expect("a text is JSON");
        self.0.retain(|(name, _)| name != EMAIL);
        let at = self.0.iter().position(|(name, _)| name == KEY);
        self.0.retain(|(name, _)| name != KEY);
        let at = at.unwrap_or(self.0.len());
        self.0.insert(at, (KEY.to_owned(), value));
        self
    }

    /// On one line, spaced as Python's `json` does.
    fn text(&self) -> Text {
        let mut text = Text::new(Vec::with_capacity(4096));
        text.push(b'{');
        for (at, (name, value)) in self.0.iter().enumerate() {
            if at > 0 {
                text.extend_from_slice(b", ");
            }
            let name = serde_json::to_string(name).expect("a text is JSON");
            text.extend_from_slice(name.as_bytes());
            text.extend_from_slice(b": ");
            text.extend_from_slice(value.get().as_bytes());
        }
        text.extend_from_slice(b"}\n");
        text
    }
}

impl<'de> Deserialize<'de> for Keys {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_map(InOrder)
    }
}

struct InOrder;

impl<'de> Visitor<'de> for InOrder {
    type Value = Keys;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
        let mut keys = Vec::new();
        while let Some(entry) = map.next_entry()? {
            keys.push(entry);
        }
        Ok(Keys(keys))
    }
}

const KEY: &str = "user_key";

/// With this one in the file the client takes the key for one of ECMWF's.
const EMAIL: &str = "user_email";

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(text: &str) -> Result<Keys> {
        PolytopeFile::new("file").keys(text.as_bytes())
    }

    fn with_new(text: &str) -> String {
        let text = keys(text).unwrap().with_token(&RefreshToken::new("new"));
        String::from_utf8(text.text().to_vec()).unwrap()
    }

    #[test]
    fn a_new_file_is_what_the_client_expects_byte_for_byte() {
        for nothing in ["", " \n", "{}", "\u{feff}{}"] {
            assert_eq!(
                with_new(nothing),
                "{\"user_key\": \"new\"}\n",
                "{nothing:?}"
            );
        }
        let odd = RefreshToken::new("a\"b\\c");
        let text = Keys(Vec::new()).with_token(&odd).text();
        assert_eq!(*text, b"{\"user_key\": \"a\\\"b\\\\c\"}\n");
    }

    #[test]
    fn other_keys_stay_in_their_order_and_as_they_are_written() {
        let text =
            with_new(r#"{"z": 1.50, "user_key": "old", "a": {"b":[1,  2]}, "\u00e9": null}"#);
        assert_eq!(
            text,
            "{\"z\": 1.50, \"user_key\": \"new\", \"a\": {\"b\":[1,  2]}, \"\u{e9}\": null}\n"
        );
    }

    #[test]
    fn an_email_goes_since_with_it_the_token_is_sent_as_a_key_of_ecmwf() {
        let text =
            with_new(r#"{"user_email": "a@b", "user_key": "old", "x": 1, "user_key": "older"}"#);
        assert_eq!(text, "{\"user_key\": \"new\", \"x\": 1}\n");
    }

    #[test]
    fn the_client_finds_the_last_key_and_only_a_text_is_one() {
        let token = |text: &str| keys(text).unwrap().token();
        let last = token(r#"{"user_key": "a", "user_key": "b"}"#).unwrap();
        assert_eq!(last.expose_secret(), "b");
        assert!(token(r#"{"user_key": 7}"#).is_none());
        assert!(token("{}").is_none());
    }

    #[test]
    fn what_is_no_object_is_told_by_its_line_and_never_shown() {
        for text in [
            "canary",
            "[\"canary\"]",
            "{\n\"user_key\": canary}",
            "\"canary\"",
            "{} canary",
        ] {
            let error = keys(text).err().unwrap().to_string();
            assert!(error.contains("is no JSON object: see line"), "{error}");
            assert!(!error.contains("canary"), "{error}");
        }
        let error = keys("{\n\n]").err().unwrap();
        insta::assert_snapshot!(error, @"file is no JSON object: see line 3; mend it, move it away, or name another file");
    }
}
