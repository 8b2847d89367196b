//! Values that have the shape of their keys, and that no server could be asked with.

use auth_core::error::Untrusted;
use auth_core::http::may_carry_secrets;
use auth_core::{Error, Result};
use url::Url;

use super::Profile;
use crate::config::{Kind, Value};

impl Profile {
    /// What could not be sent, or would mean nothing there.
    pub(super) fn unfit_values(&self) -> Vec<Error> {
        let settings = self.settings.iter();
        let each = settings.filter_map(|(key, setting)| {
            let wrong = match &setting.value {
                Value::Text(text) => self.unfit_text(key, text),
                Value::Texts(texts) => texts.iter().find_map(|text| self.unfit_text(key, text)),
                Value::Url(url) => unfit_url(key, url),
                Value::List(items) if key == "scope" => unfit_scope(items),
                _ => None,
            };
            let (what, advice) = wrong?;
            let (origin, name) = (&setting.origin, &self.name);
            let what = format!("{origin}: `{key}` in profile `{name}` {what}");
            Some(Error::config(what).with_advice(advice))
        });
        let rest = [self.header().map(drop), self.hosts().map(drop)];
        each.chain(rest.into_iter().filter_map(Result::err))
            .collect()
    }

    fn unfit_text(&self, key: &str, text: &str) -> Wrong {
        if text.contains(char::is_control) && key != "account" {
            return Some(("has a control character in it".into(), "type it anew"));
        }
        // destinepyauth takes an empty value of its files for none; a scheme may be none.
        if text.trim().is_empty() && self.kind != Kind::Desp && !NAMED_NOTHING.contains(&key) {
            return Some(("is empty".into(), "write a value, or leave the line out"));
        }
        if text.trim() != text && !NAMED_NOTHING.contains(&key) {
            let advice = "take it out of the quotes, or give the text as it was issued";
            return Some(("has white space around it".into(), advice));
        }
        if !PLACES.contains(&key) {
            return None;
        }
        let url = Url::parse(text).ok().filter(Url::has_host)?;
        unfit_url(key, &url)
    }
}

/// What is wrong, and what to do.
type Wrong = Option<(String, &'static str)>;

/// Secrets go to each of them.
fn unfit_url(key: &str, url: &Url) -> Wrong {
    // Of its own addresses a platform has more to say.
    if key != "iam-url" && key != "exchange-url" && !may_carry_secrets(url) {
        let advice = "use an https URL; plain http is for loopback only";
        return Some(("is not https".into(), advice));
    }
    let part = match key {
        "api" if url.query().is_some() => "query",
        // RFC 6749 §3.2, and nobody sends one.
        _ if url.fragment().is_some() => "fragment",
        _ => return None,
    };
    let advice = match part {
        "query" => "leave it out, and write what belongs to a request behind its path",
        _ => "leave out the `#` and what follows",
    };
    Some((format!("has a {part}, which is sent nowhere"), advice))
}

/// RFC 6749 §3.3.
fn unfit_scope(items: &[String]) -> Wrong {
    let fits = |c: char| matches!(c, ' ' | '\u{21}' | '\u{23}'..='\u{5b}' | '\u{5d}'..='\u{7e}');
    let odd = items
        .iter()
        .find_map(|item| item.chars().find(|c| !fits(*c)))?;
    let shown = Untrusted::new(&odd.to_string()).to_string();
    let what = format!("has `{shown}` in it, and no scope has that (RFC 6749 §3.3)");
    Some((what, "write it as the server's documentation spells it"))
}

/// Keys that may say that there is nothing, or whose mistakes are told elsewhere.
const NAMED_NOTHING: [&str; 3] = ["account", "issuer", "scheme"];

/// Texts that are addresses.
const PLACES: [&str; 2] = ["authority", "issuer"];
