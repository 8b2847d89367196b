//! [`SetCookie`]: one `Set-Cookie` of an answer, read as browsers do (RFC 6265 §5.2).

use std::time::{Duration, SystemTime};

use url::Url;

use super::date;

pub(super) struct SetCookie {
    pub(super) name: String,
    /// With its quotes, if it has some: they are part of it.
    pub(super) value: String,
    pub(super) path: Option<String>,
    pub(super) expires: Option<SystemTime>,
    domain: Option<String>,
}

impl SetCookie {
    /// `None`: nothing that a browser would take.
    pub(super) fn read(header: &[u8], now: SystemTime) -> Option<Self> {
        let text = std::str::from_utf8(header).ok()?;
        let mut parts = text.split(';');
        let pair = parts.next()?;
        let (name, value) = pair.split_once('=').unwrap_or(("", pair));
        let (name, value) = (name.trim(), value.trim());
        let is_nothing = name.is_empty() && value.is_empty();
        if is_nothing || name.len() + value.len() > LONGEST {
            return None;
        }
        if !is_sound(name.as_bytes()) || !is_sound(value.as_bytes()) {
            return None;
        }
        let mut cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            path: None,
            expires: None,
            domain: None,
        };
        let mut age = None;
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((part, ""));
            let value = value.trim();
            // The last of a kind counts.
            match &*key.trim().to_ascii_lowercase() {
                "path" => cookie.path = value.starts_with('/').then(|| value.to_owned()),
                "domain" => cookie.domain = Some(value.to_ascii_lowercase()),
                "expires" => cookie.expires = date::read(value).or(cookie.expires),
                "max-age" => age = end_of(value, now).or(age),
                _ => {}
            }
        }
        // The newer of the two ways to say it counts, whichever stands last.
        cookie.expires = age.or(cookie.expires);
        Some(cookie)
    }

    /// Whether the host of `url` may set it (RFC 6265 §5.3, 5 and 6).
    pub(super) fn is_from(&self, url: &Url) -> bool {
        let domain = self.domain.as_deref().unwrap_or_default();
        let domain = domain.strip_prefix('.').unwrap_or(domain);
        let host = url.host_str().unwrap_or_default();
        let above = host.strip_suffix(domain);
        let is_name = matches!(url.host(), Some(url::Host::Domain(_)));
        domain.is_empty()
            || host == domain
            || is_name && above.is_some_and(|above| above.ends_with('.'))
    }
}

/// Whether it can stand in a header.
pub(super) fn is_sound(text: &[u8]) -> bool {
    let bad = |byte: &u8| byte.is_ascii_control() || *byte == b';';
    !text.iter().any(bad)
}

/// What is too far away to be counted is for ever.
fn end_of(age: &str, now: SystemTime) -> Option<SystemTime> {
    let digits = age.strip_prefix('-').unwrap_or(age);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    if age.starts_with('-') {
        return Some(SystemTime::UNIX_EPOCH);
    }
    let age = Duration::from_secs(digits.parse().unwrap_or(AGES).min(AGES));
    now.checked_add(age)
}

/// As much as browsers keep of one.
const LONGEST: usize = 4096;

/// 400 days, as browsers bound it.
const AGES: u64 = 400 * 86_400;
