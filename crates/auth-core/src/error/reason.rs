//! [`reason`]: why a server refused, in its own words, wherever it put them.

use http::HeaderMap;
use http::header::CONTENT_TYPE;
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

fn words(value: &Value) -> Option<String> {
    let Value::Object(members) = value else {
        return match value {
            Value::Array(all) => all.first().and_then(inner),
            _ => None,
        };
    };
    let text = |name: &&str| {
        let text = members.get(*name)?.as_str()?;
        (!text.trim().is_empty()).then(|| text.to_owned())
    };
    let plainest = NAMES.iter().find_map(text);
    plainest.or_else(|| {
        let wrapped = ["error", "errors", "detail"].iter();
        wrapped
            .filter_map(|name| members.get(*name))
            .find_map(inner)
    })
}

/// What stands inside an error: a text, or an object with one.
fn inner(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(_) | Value::Array(_) => words(value),
        _ => None,
    }
}

/// The first line of a text that is no page.
fn plain(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let line = str::from_utf8(body).ok()?.trim().lines().next()?;
    let is_page = line.starts_with(['<', '{', '[']);
    (kind.starts_with("text/plain") && !is_page).then(|| line.to_owned())
}

/// Where servers say why, the plainest first.
const NAMES: [&str; 10] = [
    "error_description",
    "message",
    "detail",
    "title",
    "errorMessage",
    "error_message",
    "errorSummary",
    "msg",
    "reason",
    "description",
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
            r#""no such thing""#,
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
