//! [`CookieJar`]: the cookies of one origin (RFC 6265).

mod date;
mod set_cookie;

use std::fmt;
use std::time::SystemTime;

use auth_core::clock::bound::seconds;
use auth_core::http::may_carry_secrets;
use http::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use url::{Origin, Url};

use self::set_cookie::SetCookie;

/// The cookies of one origin, which go to no other: not to another host, port or scheme, whatever their
/// `Domain` says.
///
/// `Secure` ones go to plain http on loopback too, as browsers have it. There is no other plain http: a jar
/// of such an origin stays empty. Never shows a cookie's value.
#[derive(Clone)]
pub struct CookieJar {
    origin: Url,
    cookies: Vec<Cookie>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Cookie {
    name: String,
    value: String,
    path: String,
    /// Seconds since the epoch; `None`: until the session ends, which nobody here ever sees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
}

impl CookieJar {
    /// An empty jar for the origin of `url`.
    pub fn new(url: &Url) -> Self {
        let mut origin = url.clone();
        origin.set_path("");
        origin.set_query(None);
        origin.set_fragment(None);
        let cookies = Vec::new();
        Self { origin, cookies }
    }

    /// Takes what an answer from `url` says in one `Set-Cookie`. What is no cookie, or another host's, or
    /// comes from another origin, is left.
    pub fn take(&mut self, url: &Url, header: &HeaderValue, now: SystemTime) {
        if !self.is_for(url) {
            return;
        }
        let Some(new) = SetCookie::read(header.as_bytes(), now) else {
            return;
        };
        if !new.is_from(url) {
            return;
        }
        let cookie = Cookie {
            path: new.path.unwrap_or_else(|| default_path(url)),
            name: new.name,
            value: new.value,
            expires: new.expires.map(seconds),
        };
        let is_same = |old: &Cookie| (&old.name, &old.path) == (&cookie.name, &cookie.path);
        let at = self.cookies.iter().position(is_same);
        match (at, cookie.is_over(now)) {
            (Some(at), true) => drop(self.cookies.remove(at)),
            (Some(at), false) => self.cookies[at] = cookie,
            (None, true) => {}
            (None, false) => self.cookies.push(cookie),
        }
        if self.cookies.len() > MOST {
            self.cookies.remove(0);
        }
    }

    /// The header `Cookie` for a request to `url`, marked sensitive; `None` if nothing goes there.
    pub fn header(&self, url: &Url, now: SystemTime) -> Option<HeaderValue> {
        if !self.is_for(url) {
            return None;
        }
        let sent = |cookie: &&Cookie| cookie.matches(url.path()) && !cookie.is_over(now);
        let mut sent: Vec<&Cookie> = self.cookies.iter().filter(sent).collect();
        // The longest path first; those of the same length as they came.
        sent.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let pairs: Vec<String> = sent.iter().map(|cookie| cookie.pair()).collect();
        if pairs.is_empty() {
            return None;
        }
        let mut header = HeaderValue::try_from(pairs.join("; ")).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Whether there is a cookie of this name for `url`.
    pub fn has(&self, name: &str, url: &Url, now: SystemTime) -> bool {
        let mut cookies = self.cookies.iter();
        self.is_for(url)
            && cookies.any(|one| one.name == name && one.matches(url.path()) && !one.is_over(now))
    }

    /// Keeps only the cookies whose name `wanted` says yes to.
    pub fn retain(&mut self, wanted: impl Fn(&str) -> bool) {
        self.cookies.retain(|cookie| wanted(&cookie.name));
    }

    /// Whether there is no cookie in it.
    pub fn is_empty(&self) -> bool {
        self.cookies.is_empty()
    }

    /// The jar as text, for where secrets are kept.
    pub fn to_secret(&self) -> SecretString {
        let kept = Kept {
            origin: self.origin.as_str().to_owned(),
            cookies: self.cookies.clone(),
        };
        serde_json::to_string(&kept).unwrap_or_default().into()
    }

    /// The jar that [`to_secret`](Self::to_secret) wrote, as the jar of `url`. Of what is no jar, or
    /// another origin's, nothing is taken: the jar is empty then, and a login costs a password once more.
    pub fn from_secret(url: &Url, text: &SecretString) -> Self {
        let mut jar = Self::new(url);
        let kept = serde_json::from_str::<Kept>(text.expose_secret());
        let kept = kept.ok().filter(|kept| kept.origin == jar.origin.as_str());
        jar.cookies = kept.map(|kept| kept.cookies).unwrap_or_default();
        jar.cookies.retain(Cookie::is_sound);
        jar.cookies.truncate(MOST);
        jar
    }

    fn is_for(&self, url: &Url) -> bool {
        let origin = self.origin.origin();
        matches!(origin, Origin::Tuple(..)) && origin == url.origin() && may_carry_secrets(url)
    }
}

impl fmt::Debug for CookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.cookies.iter().map(|one| one.name.as_str()).collect();
        f.debug_struct("CookieJar")
            .field("origin", &self.origin.as_str())
            .field("cookies", &names)
            .finish()
    }
}

impl Cookie {
    /// RFC 6265 §5.1.4.
    fn matches(&self, path: &str) -> bool {
        let rest = path.strip_prefix(&*self.path);
        rest.is_some_and(|rest| {
            rest.is_empty() || rest.starts_with('/') || self.path.ends_with('/')
        })
    }

    fn is_over(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|end| end <= seconds(now))
    }

    fn pair(&self) -> String {
        match &*self.name {
            "" => self.value.clone(),
            name => format!("{name}={}", self.value),
        }
    }

    /// Whether it can stand in a header.
    fn is_sound(&self) -> bool {
        set_cookie::is_sound(self.name.as_bytes()) && set_cookie::is_sound(self.value.as_bytes())
    }
}

/// How a jar is kept.
#[derive(Deserialize, Serialize)]
struct Kept {
    origin: String,
    cookies: Vec<Cookie>,
}

/// The folder of the path (RFC 6265 §5.1.4).
fn default_path(url: &Url) -> String {
    match url.path().rfind('/') {
        None | Some(0) => "/".to_owned(),
        Some(end) => url.path()[..end].to_owned(),
    }
}

/// As many as browsers keep for a site.
const MOST: usize = 180;

#[cfg(test)]
mod tests;
