//! The cookies of a realm.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::HeaderValue;
use http::header::{COOKIE, SET_COOKIE};

use crate::answer::Answer;
use crate::random;
use crate::record::Received;

/// The value of a cookie that came with `request`.
pub(super) fn value<'a>(request: &'a Received, name: &str) -> Option<&'a str> {
    let headers = request.headers().get_all(COOKIE).iter();
    let pairs = headers
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let mut values = pairs.filter(|(key, _)| *key == name);
    values.next().map(|(_, value)| value.trim_matches('"'))
}

/// The authentication session that a browser is in.
pub(super) fn root(request: &Received) -> Option<String> {
    let raw = URL_SAFE_NO_PAD.decode(value(request, SESSION)?).ok()?;
    let text = String::from_utf8(raw).ok()?;
    Some(text.split_once('.')?.0.to_owned())
}

/// Adds cookies to an answer of the realm at `path`, before those that it has.
pub(super) struct Jar<'a> {
    path: &'a str,
    answer: Answer,
    later: Vec<HeaderValue>,
}

impl<'a> Jar<'a> {
    pub(super) fn new(path: &'a str, mut answer: Answer) -> Self {
        let later = answer
            .headers()
            .get_all(SET_COOKIE)
            .iter()
            .cloned()
            .collect();
        answer.headers_mut().remove(SET_COOKIE);
        Self {
            path,
            answer,
            later,
        }
    }

    /// A login begins.
    pub(super) fn begin(self, root: &str) -> Self {
        let id = URL_SAFE_NO_PAD.encode(format!("{root}.{}", random::hex(43)));
        let hash = random::hex(22);
        self.set(SESSION, &id, "Version=1", "HttpOnly;SameSite=None")
            .set(
                "KC_AUTH_SESSION_HASH",
                &format!("\"{hash}\""),
                "Version=1",
                "Max-Age=60;SameSite=None",
            )
    }

    /// What a login can begin from anew.
    pub(super) fn restart(self, restart: &str) -> Self {
        self.set(RESTART, restart, "Version=1", "HttpOnly;SameSite=None")
    }

    /// A login has ended well. What it could begin from anew, if the browser `had` that, is void.
    pub(super) fn logged_in(self, identity: &str, had: bool) -> Self {
        let jar = if had { self.void(RESTART) } else { self };
        jar.set(IDENTITY, identity, "Version=1", "HttpOnly;SameSite=None")
            .set(
                REMEMBERED,
                &random::hex(20),
                "Version=1",
                "Max-Age=36000;SameSite=None",
            )
    }

    /// The browser is known no more by what it brought.
    pub(super) fn strange(self) -> Self {
        self.void(IDENTITY).void(REMEMBERED)
    }

    /// Keycloak clears some without the attributes that they came with.
    fn void(mut self, name: &str) -> Self {
        let old = "Version=1;Expires=Thu, 01-Jan-1970 00:00:10 GMT;Max-Age=0";
        let text = format!("{name}=;{old};Path={}/", self.path);
        if let Ok(value) = HeaderValue::try_from(text) {
            self.answer.headers_mut().append(SET_COOKIE, value);
        }
        self
    }

    pub(super) fn clear(self, name: &str) -> Self {
        let old = "Version=1;Expires=Thu, 01-Jan-1970 00:00:10 GMT;Max-Age=0";
        self.set(name, "", old, "HttpOnly;SameSite=None")
    }

    pub(super) fn done(mut self) -> Answer {
        for cookie in self.later {
            self.answer.headers_mut().append(SET_COOKIE, cookie);
        }
        self.answer
    }

    fn set(mut self, name: &str, value: &str, first: &str, last: &str) -> Self {
        let text = format!("{name}={value};{first};Path={}/;Secure;{last}", self.path);
        if let Ok(value) = HeaderValue::try_from(text) {
            self.answer.headers_mut().append(SET_COOKIE, value);
        }
        self
    }
}

const SESSION: &str = "AUTH_SESSION_ID";
pub(super) const RESTART: &str = "KC_RESTART";
pub(super) const IDENTITY: &str = "KEYCLOAK_IDENTITY";
const REMEMBERED: &str = "KEYCLOAK_SESSION";
