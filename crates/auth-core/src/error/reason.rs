//! [`reason`]: why a server refused, in its own words, wherever it put them; [`is_page`]: whether it meant a browser.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

/// The words of a refusal: a member of its JSON, or a short plain text. As they came: to be bounded and escaped.
pub(crate) fn reason(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let said = match serde_json::from_slice::<Value>(body) {
        Ok(Value::String(text)) => Some(text),
        Ok(value) => words(&value),
        Err(_) => plain(headers, body),
    };
    let said = said?.trim().trim_end_matches('.').to_owned();
    (!said.is_empty()).then_some(said)
}

/// Whether an answer is a page for people instead of one for programs.
pub(crate) fn is_page(headers: &HeaderMap, body: &[u8]) -> bool {
    let kind = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let kind = kind.trim_ascii_start().to_ascii_lowercase();
    kind.starts_with(b"text/html") || body.trim_ascii_start().starts_with(b"<")
}

fn words(value: &Value) -> Option<String> {
    let Value::Object(members) = value else {
        return match value {
            Value::Array(all) => all.first().and_then(inner),
            _ => None,
        };
    };
    // `errorMessage`, `error_message` and `ErrorMessage` are one name.
    let named = |name: &'static str| {
        let spelled = |given: &&String| {
            let letters = given.bytes().filter(|byte| !matches!(byte, b'_' | b'-'));
            letters
                .map(|byte| byte.to_ascii_lowercase())
                .eq(name.bytes())
        };
        members
            .iter()
            .filter(move |(given, _)| spelled(given))
            .map(|(_, value)| value)
    };
    let text = |value: &Value| {
        let text = value.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_owned())
    };
    let plainest = NAMES.iter().find_map(|name| named(name).find_map(text));
    plainest.or_else(|| WRAPPERS.iter().find_map(|name| named(name).find_map(inner)))
}

/// What stands inside an error: a text, or an object with one.
fn inner(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) | Value::Array(_) => words(value),
        _ => None,
    }
}

/// The first line of a text that is no page, whatever it is called.
fn plain(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let kind = headers
        .get(CONTENT_TYPE)
        .map_or(Ok(""), HeaderValue::to_str)
        .ok()?;
    let line = str::from_utf8(body).ok()?.trim().lines().next()?;
    let is_page = line.starts_with(['<', '{', '['])
        || ["html", "xml", "form"]
            .iter()
            .any(|page| kind.contains(page));
    (!is_page).then(|| line.to_owned())
}

/// Where servers say why, the plainest first.
const NAMES: [&str; 12] = [
    "errordescription",
    "message",
    "detail",
    "title",
    "errormessage",
    "errorsummary",
    "errormsg",
    "msg",
    "reason",
    "description",
    "faultstring",
    "statustext",
];

/// What servers wrap it in: an object, or a list of them.
const WRAPPERS: [&str; 11] = [
    "errordescription",
    "message",
    "messages",
    "detail",
    "details",
    "error",
    "errors",
    "fault",
    "status",
    "result",
    "response",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn said(kind: &str, body: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, kind.parse().unwrap());
        reason(&headers, body.as_bytes()).unwrap_or_default()
    }

    #[test]
    fn a_reason_is_found_where_servers_write_it() {
        for body in [
            r#"{"message":"no such thing."}"#,
            r#"{"detail":"no such thing"}"#,
            r#"{"detail":[{"loc":1,"msg":"no such thing"}]}"#,
            r#"{"error":"no such thing","code":404,"help":"https://x"}"#,
            r#"{"error":{"code":404,"message":"no such thing"}}"#,
            r#"{"errors":[{"title":"no such thing"}]}"#,
            r#"{"errors":["no such thing"]}"#,
            r#"[{"message":"no such thing"}]"#,
            r#"{"error":"not_found","error_description":"no such thing"}"#,
            r#"{"Message":"no such thing"}"#,
            r#"{"Error":{"Code":"x","Message":"no such thing"}}"#,
            r#"{"fault":{"faultstring":"no such thing","detail":{"errorcode":"x"}}}"#,
            r#"{"errorMessage":"no such thing"}"#,
            r#"{"error-description":"no such thing"}"#,
            r#"{"message":["no such thing"]}"#,
            r#"{"message":{"text":7,"message":"no such thing"}}"#,
            r#"{"status":{"code":401,"message":"no such thing"}}"#,
            r#"{"result":null,"messages":[{"message":"no such thing"}]}"#,
            r#"{"error":"invalid_client","error_description":["no such thing"]}"#,
            r#""no such thing""#,
            "no such thing",
        ] {
            assert_eq!(said("application/json", body), "no such thing", "{body}");
        }
        assert_eq!(
            said("text/plain; charset=utf-8", "no such thing\nat x"),
            "no such thing"
        );
        for body in [
            "",
            "<html>",
            "[]",
            r#"{"detail":[{"loc":1}]}"#,
            r#"{"message":""}"#,
        ] {
            assert_eq!(said("text/plain", body), "", "{body}");
        }
        assert_eq!(said("text/html", "no such thing"), "");
    }
}
