//! What is compared of an answer: all that a program can go by, and no text for people around it.

use std::collections::BTreeSet;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, LOCATION, SET_COOKIE, WWW_AUTHENTICATE};
use serde_json::Value;
use url::Url;

use crate::browser::in_lower_case;

/// The lines of an answer of the server at `base`.
pub fn shape(status: u16, headers: &HeaderMap, body: &str, base: &str) -> String {
    let mut lines = vec![status.to_string()];
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    if let Some(kind) = text(CONTENT_TYPE).filter(|_| !body.is_empty()) {
        lines.push(kind.split(';').next().unwrap().to_owned());
    }
    if let Some(challenge) = text(WWW_AUTHENTICATE) {
        lines.push(challenge.to_owned());
    }
    lines.extend(text(LOCATION).map(|place| location(place, base)));
    let cookies = headers.get_all(SET_COOKIE).iter();
    let mut cookies: Vec<_> = cookies
        .map(|cookie| attributes(cookie.to_str().unwrap()))
        .collect();
    cookies.sort();
    lines.extend(cookies);
    match serde_json::from_str::<Value>(body) {
        Ok(value) => lines.push(members(&value)),
        Err(_) => lines.extend(page(body)),
    }
    lines.join("\n")
}

/// Where a browser is sent, and what it brings along; an error in full.
fn location(place: &str, base: &str) -> String {
    let url = Url::parse(place).unwrap();
    let fragment = url.fragment().unwrap_or_default().to_owned();
    let pairs = url
        .query_pairs()
        .chain(url::form_urlencoded::parse(fragment.as_bytes()));
    let names: BTreeSet<_> = pairs
        .map(|(name, value)| match &*name {
            "error" | "error_description" | "execution" if value.len() != 36 => {
                format!("{name}={value}")
            }
            _ => name.into_owned(),
        })
        .collect();
    let place = place.split(['?', '#']).next().unwrap();
    let mark = if fragment.is_empty() { "?" } else { "#" };
    format!("to {}{mark}{names:?}", place.replace(base, ""))
}

/// A cookie without its value, unless that is empty.
fn attributes(cookie: &str) -> String {
    let mut pieces = cookie.split(';').map(str::trim);
    let (name, value) = pieces.next().unwrap().split_once('=').unwrap();
    let kept: BTreeSet<_> = pieces
        .filter(|piece| !piece.to_ascii_lowercase().starts_with("expires="))
        .collect();
    let is_empty = if value.is_empty() { " (empty)" } else { "" };
    format!("cookie {name}{is_empty} {kept:?}")
}

/// The names in an answer of JSON, and what it says of an error.
fn members(value: &Value) -> String {
    let error = value.get("error").filter(|error| error.is_string());
    if let Some(error) = error {
        return format!("{error} {}", value["error_description"]);
    }
    let constant = ["active", "token_type", "issued_token_type", "scope"];
    let names = value.as_object().into_iter().flatten();
    let names: BTreeSet<_> = names
        .map(|(name, value)| match (&**name, value) {
            ("scope", Value::String(text)) => {
                let words: BTreeSet<_> = text.split(' ').collect();
                format!("scope={words:?}")
            }
            (name, value) if constant.contains(&name) => format!("{name}={value}"),
            (name, _) => name.to_owned(),
        })
        .collect();
    format!("{names:?}")
}

/// The forms of a page with their fields, and its marks.
fn page(text: &str) -> Vec<String> {
    let text = &in_lower_case(text);
    let mut lines = Vec::new();
    for form in text.split("<form").skip(1) {
        let form = form.split("</form").next().unwrap();
        let fields: BTreeSet<_> = form
            .split('<')
            .filter(|tag| FIELDS.iter().any(|kind| tag.starts_with(kind)))
            .filter_map(|tag| attribute(tag, "name"))
            .filter(|name| !name.is_empty())
            .collect();
        let id = attribute(form, "id").unwrap_or_default();
        lines.push(format!("form {id} {fields:?}"));
    }
    let ids = text.split('<').filter_map(|tag| attribute(tag, "id"));
    let marks: BTreeSet<_> = ids
        .filter(|id| {
            id.starts_with("input-error") && !id.contains("container") || MARKS.contains(&&**id)
        })
        .collect();
    if !marks.is_empty() {
        lines.push(format!("marks {marks:?}"));
    }
    lines
}

/// The value of an attribute of the tag that `html` begins in.
pub fn attribute(html: &str, name: &str) -> Option<String> {
    let tag = html.split('>').next()?;
    let begin = format!("{name}=\"");
    let mut pieces = tag.split(&*begin);
    let mut before = pieces.next()?;
    for piece in pieces {
        if before.ends_with(char::is_whitespace) {
            return Some(piece.split('"').next()?.replace("&amp;", "&"));
        }
        before = piece;
    }
    None
}

const FIELDS: [&str; 4] = ["input", "button", "select", "textarea"];

const MARKS: [&str; 6] = [
    "kc-error-message",
    "kc-info-message",
    "kc-page-title",
    "loginRestartLink",
    "loginContinueLink",
    "keycloak-bg",
];
