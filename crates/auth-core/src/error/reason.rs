//! [`reason`]: why a server refused, in its own words, wherever it put them; [`markup`]: what it is that is no JSON.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue};
use serde_json::Value;

/// The words of a refusal: a member of its JSON, or a short plain text. As they came: to be bounded and escaped.
pub(crate) fn reason(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let said = match serde_json::from_slice::<Value>(body) {
        Ok(Value::String(text)) => Some(text),
        Ok(value) => words(&value),
        Err(_) if markup(headers, body) == Some("XML") => of_xml(body),
        Err(_) => plain(headers, body),
    };
    let said = said?.trim().trim_end_matches('.').to_owned();
    (!said.is_empty()).then_some(said)
}

/// What an answer is, in words for people, that is a page for them, or meant for other programs than ours.
pub(crate) fn markup(headers: &HeaderMap, body: &[u8]) -> Option<&'static str> {
    let kind = headers
        .get(CONTENT_TYPE)
        .map_or(&b""[..], HeaderValue::as_bytes);
    let kind = String::from_utf8_lossy(kind).trim().to_ascii_lowercase();
    let body = body.trim_ascii_start();
    let is_xml = kind.contains("xml") && !kind.contains("xhtml") || body.starts_with(b"<?xml");
    let is_html = kind.starts_with("text/html") || holds(body, b"<html");
    match body.starts_with(b"<") {
        true if is_xml && !is_html => Some("XML"),
        true => Some("a web page"),
        false => is_html.then_some("a web page"),
    }
}

/// Whether `part`, in small letters, is near the beginning.
fn holds(body: &[u8], part: &[u8]) -> bool {
    let start = body.get(..body.len().min(1024)).unwrap_or_default();
    start
        .windows(part.len())
        .any(|there| there.eq_ignore_ascii_case(part))
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
    let wrapped = |name: &&'static str| {
        // `"status": "error"` says nothing.
        let is_mute = |value: &&Value| MUTE.contains(name) && value.is_string();
        named(name).filter(|value| !is_mute(value)).find_map(inner)
    };
    let wrapped = || WRAPPERS.iter().find_map(wrapped);
    let fields = || named("errors").find_map(of_a_field);
    plainest.or_else(wrapped).or_else(fields)
}

/// What a server says of the first member of a request that it does not take.
fn of_a_field(errors: &Value) -> Option<String> {
    let (name, said) = errors.as_object()?.iter().next()?;
    let said = match said {
        Value::Array(all) => all.first()?,
        one => one,
    };
    Some(format!("{name}: {}", said.as_str()?))
}

/// The text of the first element that is called as such members are, in whatever name space.
fn of_xml(body: &[u8]) -> Option<String> {
    let body = str::from_utf8(body).ok()?;
    let small = body.to_ascii_lowercase();
    NAMES.iter().find_map(|name| {
        let end = format!("{name}>");
        let (at, _) = small
            .match_indices(&end)
            .find(|(at, _)| small[..*at].ends_with(['<', ':']))?;
        let text = body[at + name.len() + 1..].split('<').next()?;
        (!text.trim().is_empty()).then(|| text.to_owned())
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

/// Those of them whose own text says only that something went wrong, or did not.
const MUTE: [&str; 3] = ["status", "result", "response"];

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
            "<?xml version='1.0'?><Error><Code>x</Code><Message>no such thing</Message></Error>",
            "<?xml version='1.0'?><am:fault xmlns:am='x'><am:message>no such thing</am:message></am:fault>",
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
            r#"{"status":"error"}"#,
            r#"{"result":"ok","response":"x"}"#,
            r#"{"errors":{"a":[]}}"#,
            "<?xml version='1.0'?><Message/>",
            r#"{"detail":[{"loc":1}]}"#,
            r#"{"message":""}"#,
        ] {
            assert_eq!(said("text/plain", body), "", "{body}");
        }
        assert_eq!(said("text/html", "no such thing"), "");
    }

    #[test]
    fn a_member_that_is_not_taken_is_named() {
        for errors in [r#"["is not valid"]"#, r#""is not valid""#] {
            let body = format!(r#"{{"errors":{{"client_id":{errors}}}}}"#);
            assert_eq!(said("application/json", &body), "client_id: is not valid");
        }
    }

    #[test]
    fn a_page_for_people_is_told_from_what_is_meant_for_programs() {
        let is = |kind: &str, body: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(CONTENT_TYPE, kind.parse().unwrap());
            markup(&headers, body.as_bytes())
        };
        let page = Some("a web page");
        for (kind, body) in [
            ("text/html", "hello"),
            ("Text/HTML; charset=utf-8", "<p>"),
            ("", "<!DOCTYPE html>"),
            ("", " <?xml version='1.0'?><HTML>"),
            ("application/xhtml+xml", "<html>"),
        ] {
            assert_eq!(is(kind, body), page, "{kind} {body}");
        }
        for (kind, body) in [
            ("text/xml", "<e/>"),
            ("application/soap+xml", "<e/>"),
            ("", "<?xml version='1.0'?><e/>"),
        ] {
            assert_eq!(is(kind, body), Some("XML"), "{kind} {body}");
        }
        assert_eq!(is("application/json", "{}"), None);
        assert_eq!(is("text/xml", ""), None);
    }
}
