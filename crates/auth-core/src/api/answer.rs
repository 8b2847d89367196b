//! What an API answers: JSON, or an error by its status.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::LOCATION;
use http::{Response, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use url::Url;

use crate::error::{Challenge, Error, Result, Untrusted, reason};
use crate::io::http::{ids, retry_after, status_line};
use crate::io::shown;
use crate::token::AccessToken;

/// What a request was, kept with its answer so that an error can name the place and hide the token.
#[derive(Clone)]
pub(super) struct Asked {
    pub(super) url: Url,
    pub(super) token: AccessToken,
}

/// How long the body of a refusal is waited for: its status says most.
pub(super) const PATIENCE: Duration = Duration::from_secs(10);

/// The origin, as messages show it.
pub(super) fn place(url: &Url) -> String {
    url.origin().ascii_serialization()
}

/// Parses a whole answer; an empty one is `null`, so that `()` can be read from it.
pub(super) fn parse<T: DeserializeOwned>(place: &str, body: &[u8]) -> Result<T> {
    let text = match body.trim_ascii() {
        b"" => b"null",
        text => text,
    };
    serde_json::from_slice(text).map_err(|error| match error.classify() {
        Category::Data => Error::protocol(format!(
            "the JSON that {place} answered has another shape than was asked for (line {}, column {})",
            error.line(),
            error.column()
        ))
        .with_advice("compare it with the API's documentation"),
        _ => Error::protocol(format!("{place} answered with something that is not JSON"))
            .with_advice("check that this is the URL of the API"),
    })
}

/// What an answer that is no success means. `asked` is known for answers of the client's own.
pub(super) fn failure(
    place: &str,
    asked: Option<&Asked>,
    answer: &Response<Bytes>,
    challenge: Option<&Challenge>,
    now: SystemTime,
) -> Error {
    let status = answer.status();
    let mut said = format!("{place} answered {}", status_line(status));
    let code = challenge.and_then(|challenge| challenge.error.as_deref());
    let scope = challenge.and_then(|challenge| challenge.scope.as_deref());
    let location = target(asked, answer);
    if let Some(location) = &location {
        said += &format!(" and redirects to {location}");
    }
    if let Some(code) = code {
        said += &format!(": {}", Untrusted::new(code).with_limit(80));
    }
    if let Some(reason) = own_words(asked, answer) {
        said += &format!(": {reason}");
    }
    let pause = retry_after(answer.headers(), now);
    if let Some(pause) = pause.filter(|pause| !pause.is_zero()) {
        said += &format!(", and asks for a pause of {} s", pause.as_secs());
    }
    let error = match status {
        _ if status.is_server_error() => Error::unavailable(said).with_advice("try again later"),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT => {
            Error::unavailable(said).with_advice("try again later")
        }
        _ if location.is_some() => Error::protocol(said)
            .with_advice("name the final URL: a request with a token is never redirected"),
        _ if !status.is_client_error() => {
            Error::protocol(said).with_advice("check the URL of the API")
        }
        _ => Error::refused(said).with_advice(advice(status, scope)),
    };
    let error = error.with_status(status.as_u16());
    let known = ids(answer.headers());
    let error = known.fold(error, |error, (name, id)| error.with_id(name, id));
    let error = match code {
        Some(code) => error.with_code(code),
        None => error,
    };
    match pause {
        Some(pause) => error.with_retry_after(pause),
        None => error,
    }
}

fn advice(status: StatusCode, scope: Option<&str>) -> String {
    let fixed = match (status, scope) {
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, Some(scope)) => {
            let scope = Untrusted::new(scope).with_limit(200);
            return format!("ask for a token with the scope {scope}");
        }
        (StatusCode::UNAUTHORIZED, None) => {
            "check that the token is meant for this API: its audience, scope and account"
        }
        (StatusCode::FORBIDDEN, None) => "ask whoever runs the API for access",
        (StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED | StatusCode::GONE, _) => {
            "check the path and the method"
        }
        (StatusCode::PROXY_AUTHENTICATION_REQUIRED, _) => "check the proxy's user and password",
        _ => "compare the request with the API's documentation",
    };
    fixed.to_owned()
}

/// Where a redirect leads, without its query.
fn target(asked: Option<&Asked>, answer: &Response<Bytes>) -> Option<String> {
    let location = answer.headers().get(LOCATION)?.to_str().ok()?;
    let target = match asked {
        Some(asked) => asked.url.join(location),
        None => Url::parse(location),
    };
    let redirects = answer.status().is_redirection();
    target.ok().filter(|_| redirects).map(|url| shown(&url))
}

/// Why, in the API's own words, if it has some. What was asked with is struck out of them.
fn own_words(asked: Option<&Asked>, answer: &Response<Bytes>) -> Option<String> {
    let mut words = reason(answer.headers(), answer.body())?;
    if let Some(asked) = asked {
        let query = asked.url.query().unwrap_or_default();
        for secret in [asked.token.expose_secret(), query] {
            if !secret.is_empty() {
                words = words.replace(secret, "…");
            }
        }
    }
    (!words.is_empty()).then(|| Untrusted::new(&words).with_limit(200).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked() -> Asked {
        let now = SystemTime::UNIX_EPOCH;
        Asked {
            url: "https://a.b/v2/x?key=canary-key".parse().unwrap(),
            token: AccessToken::new("canary-token".into(), now, now).unwrap(),
        }
    }

    fn says(body: &str) -> String {
        let answer = Response::new(Bytes::copy_from_slice(body.as_bytes()));
        own_words(Some(&asked()), &answer).unwrap_or_default()
    }

    #[test]
    fn what_was_asked_with_is_struck_out_and_long_or_harmful_words_are_bounded() {
        let said = says(r#"{"message":"canary-token is no token for ?key=canary-key"}"#);
        assert_eq!(said, "… is no token for ?…");
        let long = says(&format!(r#"{{"message":"\u001b[2J{}"}}"#, "x".repeat(9000)));
        assert!(long.len() < 250 && !long.contains('\u{1b}'), "{long}");
    }

    #[test]
    fn json_of_another_shape_and_no_json_are_told_apart_and_neither_is_shown() {
        let wrong = parse::<u8>("a.b", br#""canary""#).unwrap_err();
        let none = parse::<u8>("a.b", b"<html>canary").unwrap_err();
        assert!(wrong.message().contains("shape"), "{wrong}");
        assert!(none.message().contains("not JSON"), "{none}");
        assert!(!format!("{wrong:#?}{none:#?}").contains("canary"));
        parse::<()>("a.b", b"\n").unwrap();
    }
}
