//! What a server repeats of a request's secrets is struck out of its refusal, before anybody reads it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::{HeaderValue, Response};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::form_urlencoded;

use super::accept::refuses;
use crate::io::Members;

/// What stands in the place of a secret.
const STRUCK: &str = "[secret]";

/// A secret of fewer characters than this is no secret, and would strike ordinary words.
const SHORTEST: usize = 4;

/// The secrets of a request, in every way in which a server may write them.
pub(super) struct Echo(Vec<String>);

impl Echo {
    /// Of `secrets`, and of what `proof` carries.
    pub(super) fn of<'a>(
        secrets: impl Iterator<Item = &'a SecretString>,
        proof: Option<&HeaderValue>,
    ) -> Self {
        let pair = proof.and_then(|proof| proof.to_str().ok()?.split_once(' '));
        let pair = pair.map(|(_, pair)| pair.to_owned());
        // As it was before it was encoded (RFC 6749 §2.3.1): servers that write it anew encode it once only.
        let plain = pair.as_deref().and_then(|pair| STANDARD.decode(pair).ok());
        let plain = plain.map(|plain| {
            let plain = [b"=", &plain[..]].concat();
            let decoded = form_urlencoded::parse(&plain).map(|(_, pair)| pair.into_owned());
            decoded.collect::<String>()
        });
        let secrets = secrets.map(|secret| secret.expose_secret().to_owned());
        let secrets = secrets.chain(pair).chain(plain);
        let mut all: Vec<String> = secrets
            .filter(|secret| secret.chars().count() >= SHORTEST)
            .flat_map(|secret| spellings(&secret))
            .collect();
        all.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
        all.dedup();
        Self(all)
    }

    /// `answer`, in which none of them stands: neither as it is, nor percent-encoded, nor in base64, JSON or HTML, in
    /// capitals or not.
    pub(super) fn struck(&self, answer: &Response<Bytes>) -> Response<Bytes> {
        let mut answer = answer.clone();
        let parsed: Option<Value> = serde_json::from_slice(answer.body()).ok();
        let body = match parsed {
            Some(mut value) => strike_value(&mut value, &self.0).then(|| value.to_string()),
            None => strike(&String::from_utf8_lossy(answer.body()), &self.0),
        };
        for value in answer.headers_mut().values_mut() {
            let struck = strike(&String::from_utf8_lossy(value.as_bytes()), &self.0);
            let struck = struck.and_then(|struck| HeaderValue::try_from(struck).ok());
            if let Some(struck) = struck {
                *value = struck;
            }
        }
        match body {
            Some(body) => answer.map(|_| Bytes::from(body)),
            None => answer,
        }
    }
}

/// Whether an answer has tokens. It is read as it is: a server may hand out again what was sent.
pub(super) fn serves(answer: &Response<Bytes>) -> bool {
    answer.status().is_success() && has_tokens(answer) && !refuses(answer)
}

/// Whether it holds what was asked for, and not only words.
fn has_tokens(answer: &Response<Bytes>) -> bool {
    let holds = |said: Members| TOKENS.iter().any(|name| said.has(name));
    Members::of(answer).is_some_and(holds)
}

/// What only a server that serves us says.
const TOKENS: [&str; 3] = ["access_token", "active", "device_code"];

/// How a server may write a secret, in small letters.
fn spellings(secret: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = form.replace('+', "%20");
    let whole: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let json = serde_json::to_string(secret).unwrap_or_default();
    let html = |quote: &str| {
        let escapes = [
            ("&", "&amp;"),
            ("<", "&lt;"),
            (">", "&gt;"),
            ("\"", "&quot;"),
            ("'", quote),
        ];
        let escaped = |text: String, (plain, entity): &(&str, &str)| text.replace(plain, entity);
        escapes.iter().fold(secret.to_owned(), escaped)
    };
    let all = [
        form,
        percent,
        whole,
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        json.trim_matches('"').to_owned(),
        html("&#39;"),
        html("&#x27;"),
        secret.to_owned(),
    ];
    all.iter()
        .map(|spelling| spelling.to_ascii_lowercase())
        .collect()
}

/// Whether anything was struck.
fn strike_value(value: &mut Value, spellings: &[String]) -> bool {
    match value {
        Value::String(text) => match strike(text, spellings) {
            Some(struck) => {
                *text = struck;
                true
            }
            None => false,
        },
        Value::Array(items) => items
            .iter_mut()
            .fold(false, |any, item| strike_value(item, spellings) | any),
        Value::Object(members) => members
            .values_mut()
            .fold(false, |any, item| strike_value(item, spellings) | any),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

/// `text` without any of the `spellings`; `None` if none is in it.
fn strike(text: &str, spellings: &[String]) -> Option<String> {
    // Small letters of ASCII are as long as capitals.
    let mut small = text.to_ascii_lowercase();
    let mut struck: Option<String> = None;
    for spelling in spellings.iter().filter(|spelling| !spelling.is_empty()) {
        if !small.contains(spelling) {
            continue;
        }
        let (from, mut whole, mut end) = (struck.as_deref().unwrap_or(text), String::new(), 0);
        for (at, _) in small.match_indices(spelling) {
            whole += &from[end..at];
            whole += STRUCK;
            end = at + spelling.len();
        }
        whole += &from[end..];
        small = whole.to_ascii_lowercase();
        struck = Some(whole);
    }
    struck
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr\"t/+ é%";

    fn shown(status: u16, body: String) -> String {
        let answer = Response::builder().status(status).body(Bytes::from(body));
        let sent = SecretString::from(SECRET);
        let struck = Echo::of([&sent].into_iter(), None).struck(&answer.unwrap());
        String::from_utf8(struck.into_body().to_vec()).unwrap()
    }

    #[test]
    fn a_secret_that_a_server_repeats_is_struck_in_every_spelling() {
        for spelling in spellings(SECRET) {
            let said = format!("client_secret={spelling}&x, again {spelling}");
            let body = serde_json::json!({ "error": "invalid_client", "error_description": said });
            for (status, body) in [
                (401, body.to_string()),
                (200, body.to_string()),
                (500, said),
            ] {
                let shown = shown(status, body);
                assert!(!shown.contains(&spelling), "{status} {spelling}: {shown}");
                assert_eq!(shown.matches(STRUCK).count(), 2, "{shown}");
            }
            let shown = shown(401, spelling.to_ascii_uppercase());
            assert_eq!(shown, STRUCK, "{spelling}");
        }
    }

    #[test]
    fn the_clients_pair_is_struck_as_it_was_sent_and_as_it_was_before() {
        let (once, twice) = (
            STANDARD.encode("c:a+b/c d"),
            STANDARD.encode("c:a%2Bb%2Fc+d"),
        );
        let proof = HeaderValue::try_from(format!("Basic {twice}")).unwrap();
        let echo = Echo::of(std::iter::empty(), Some(&proof));
        for said in [
            once,
            twice,
            "c:a+b/c d".to_owned(),
            "c%3Aa%2Bb%2Fc%20d".to_owned(),
        ] {
            let answer = Response::builder().header("x-request-id", &said);
            let answer = answer.header("location", format!("https://{said}/"));
            let struck = echo.struck(&answer.body(Bytes::from(said.clone())).unwrap());
            assert_eq!(struck.body(), STRUCK, "{said}");
            assert_eq!(struck.headers()["x-request-id"], STRUCK, "{said}");
            assert_eq!(struck.headers()["location"], format!("https://{STRUCK}/"));
        }
    }

    #[test]
    fn what_has_tokens_serves_and_what_refuses_does_not() {
        let of = |status: u16, body: &'static str| {
            let answer = Response::builder().status(status);
            serves(&answer.body(Bytes::from(body)).unwrap())
        };
        assert!(of(200, r#"{"access_token":"a"}"#));
        for (status, body) in [
            (200, r#"{"access_token":"a","error":"no"}"#),
            (200, r#"{"message":"a"}"#),
            (400, r#"{"access_token":"a"}"#),
        ] {
            assert!(!of(status, body), "{status} {body}");
        }
    }

    #[test]
    fn a_refusal_without_secrets_keeps_its_bytes() {
        let body = r#"{ "error" : "invalid_client", "error_description":"no" }"#.to_owned();
        assert_eq!(shown(401, body.clone()), body);
    }
}
