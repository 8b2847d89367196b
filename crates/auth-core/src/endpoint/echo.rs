//! What a server repeats of a request's secrets is struck out of its refusal, before anybody reads it.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};
use bytes::Bytes;
use http::header::{Entry, WWW_AUTHENTICATE};
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

/// `answer`, in which none of `secrets`, and not what `proof` carries, stands if it is a refusal: neither as it is, nor percent-encoded, nor in base64.
/// An answer with tokens is left alone: a server may hand out again what was sent.
pub(super) fn struck<'a>(
    answer: Response<Bytes>,
    secrets: impl Iterator<Item = &'a SecretString>,
    proof: Option<&'a HeaderValue>,
) -> Response<Bytes> {
    let parsed: Option<Value> = serde_json::from_slice(answer.body()).ok();
    if answer.status().is_success() && has_tokens(&answer) && !refuses(&answer) {
        return answer;
    }
    let proof = proof.and_then(|proof| proof.to_str().ok());
    let proof = proof.and_then(|proof| proof.split_once(' '));
    let spellings: Vec<String> = secrets
        .map(ExposeSecret::expose_secret)
        .chain(proof.map(|(_, pair)| pair))
        .filter(|secret| secret.chars().count() >= SHORTEST)
        .flat_map(spellings)
        .collect();
    let body = match parsed {
        Some(mut value) => strike_value(&mut value, &spellings).then(|| value.to_string()),
        None => {
            let text = String::from_utf8_lossy(answer.body());
            strike(&text, &spellings)
        }
    };
    let mut answer = answer;
    if let Entry::Occupied(mut said) = answer.headers_mut().entry(WWW_AUTHENTICATE) {
        for value in said.iter_mut() {
            let struck = strike(&String::from_utf8_lossy(value.as_bytes()), &spellings);
            let struck = struck.and_then(|struck| HeaderValue::try_from(struck).ok());
            if let Some(struck) = struck {
                *value = struck;
            }
        }
    }
    match body {
        Some(body) => answer.map(|_| Bytes::from(body)),
        None => answer,
    }
}

/// Whether it holds what was asked for, and not only words.
fn has_tokens(answer: &Response<Bytes>) -> bool {
    let holds = |said: Members| TOKENS.iter().any(|name| said.has(name));
    Members::of(answer).is_some_and(holds)
}

/// What only a server that serves us says.
const TOKENS: [&str; 3] = ["access_token", "active", "device_code"];

/// How a server may write a secret, the longest way first.
fn spellings(secret: &str) -> Vec<String> {
    let form: String = form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = form.replace('+', "%20");
    let whole: String = secret.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let mut all = vec![
        form.to_ascii_lowercase(),
        percent.to_ascii_lowercase(),
        form,
        percent,
        whole.to_ascii_lowercase(),
        whole,
        STANDARD.encode(secret),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        secret.to_owned(),
    ];
    all.sort_by_key(|spelling| std::cmp::Reverse(spelling.len()));
    all.dedup();
    all
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

fn strike(text: &str, spellings: &[String]) -> Option<String> {
    let found = spellings.iter().filter(|spelling| text.contains(*spelling));
    found.fold(None, |struck, spelling| {
        let text = struck.as_deref().unwrap_or(text);
        Some(text.replace(spelling, STRUCK))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "s3cr\"t/+ é%";

    fn shown(status: u16, body: String) -> String {
        let answer = Response::builder().status(status).body(Bytes::from(body));
        let sent = SecretString::from(SECRET);
        let struck = struck(answer.unwrap(), [&sent].into_iter(), None);
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
        }
    }

    #[test]
    fn an_answer_with_tokens_is_left_as_it_is() {
        let body = serde_json::json!({ "access_token": "a", "refresh_token": SECRET }).to_string();
        assert_eq!(shown(200, body.clone()), body);
    }

    #[test]
    fn a_refusal_without_secrets_keeps_its_bytes() {
        let body = r#"{ "error" : "invalid_client", "error_description":"no" }"#.to_owned();
        assert_eq!(shown(401, body.clone()), body);
    }
}
