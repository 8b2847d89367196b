//! Whether a server did what it was asked for, and what it said if not.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Response, StatusCode};
use serde_json::Value;
use url::Url;

use super::refusal::Refusal;
use crate::error::{Challenge, Error, Result, Untrusted, hint, markup, reason};
use crate::io::http::{date, ids, retry_after, status_line};
use crate::io::{Members, shown};

/// What the server said, if it did what it was asked for; `None` where that is no object. It says no in the body
/// (RFC 6749 §5.2), whatever the status, or by the status alone.
pub(super) fn accept(
    place: &Url,
    answer: &Response<Bytes>,
    now: SystemTime,
) -> Result<Option<Members>> {
    let members = Members::of(answer);
    if let Some(said) = members.as_ref().and_then(Refused::of) {
        return Err(refused(place, answer, &said, now));
    }
    match answer.status().is_success() {
        true => Ok(members),
        false => Err(failed(place, answer, now)),
    }
}

/// Whether the server refuses in the body, whatever the status.
pub(super) fn refuses(answer: &Response<Bytes>) -> bool {
    Members::of(answer).is_some_and(|said| Refused::of(&said).is_some())
}

struct Refused<'a> {
    error: String,
    more: &'a Members,
}

impl<'a> Refused<'a> {
    fn of(said: &'a Members) -> Option<Self> {
        let error = said.text("error")?;
        let error = error.trim();
        // Codes are in small letters (RFC 6749 §5.2), and some servers shout them.
        let is_code = |byte: u8| byte.is_ascii_uppercase() || byte == b'_';
        let error = match error.bytes().all(is_code) {
            true => error.to_ascii_lowercase(),
            false => error.to_owned(),
        };
        (!error.is_empty()).then_some(Self { error, more: said })
    }

    /// The error, in the word that OpenID Connect has for it: Entra ID calls it an `invalid_grant`, too, where a
    /// login is as good as ever and only not enough for what is asked, and says so in `suberror`.
    fn code(&self) -> &str {
        match (self.error.as_str(), self.more.text("suberror").as_deref()) {
            ("invalid_grant", Some("basic_action" | "additional_action")) => "interaction_required",
            ("invalid_grant", Some("consent_required")) => "consent_required",
            (error, _) => error,
        }
    }

    /// Tells the ids that whoever runs the server asks for, where it says some.
    fn tell(&self) {
        let shown = |name: &str| {
            Untrusted::new(&self.more.text(name).unwrap_or_default())
                .with_limit(80)
                .to_string()
        };
        if self.more.has("trace_id") || self.more.has("correlation_id") {
            tracing::debug!(
                error = %Untrusted::new(&self.error).with_limit(80),
                suberror = %shown("suberror"),
                trace_id = %shown("trace_id"),
                correlation_id = %shown("correlation_id"),
                timestamp = %shown("timestamp"),
                "the server refused"
            );
        }
    }
}

/// The server said `error` (RFC 6749 §5.2), whatever the status.
fn refused(place: &Url, answer: &Response<Bytes>, said: &Refused<'_>, now: SystemTime) -> Error {
    let status = answer.status();
    let ahead = clock_ahead(answer, now);
    said.tell();
    let text = said.more.text("error_description");
    let text = text.or_else(|| reason(answer.headers(), answer.body()));
    let refusal = Refusal {
        place: &shown(place),
        code: said.code(),
        text: text.as_deref().filter(|text| *text != said.error),
        is_busy: status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS,
        clock_ahead: ahead,
        more: stranger(said, status),
    };
    let error = annotate(refusal.into_error(), answer, ahead, now);
    let ids = IDS
        .iter()
        .filter_map(|name| Some((*name, said.more.text(name)?)));
    let error = ids.fold(error, |error, (name, id)| error.with_id(name, &id));
    // Entra says so what a new login must satisfy.
    let claims = match said.more.value("claims") {
        Some(Value::String(text)) => text,
        Some(object @ Value::Object(_)) => object.to_string(),
        _ => return error,
    };
    let challenge = Challenge {
        error: Some(said.error.clone()),
        claims: Some(claims),
        ..Challenge::default()
    };
    error.with_challenge(challenge)
}

/// The status says no, and the body no OAuth code: a header may, and else the server's own words are all there is.
fn failed(place: &Url, answer: &Response<Bytes>, now: SystemTime) -> Error {
    let challenge = Challenge::first_error(answer.headers());
    if let Some((code, text)) = challenge.filter(|_| answer.status().is_client_error()) {
        let ahead = clock_ahead(answer, now);
        let refusal = Refusal {
            place: &shown(place),
            code: &code,
            text: text.as_deref(),
            is_busy: answer.status() == StatusCode::TOO_MANY_REQUESTS,
            clock_ahead: ahead,
            more: None,
        };
        return annotate(refusal.into_error(), answer, ahead, now);
    }
    let (status, place) = (answer.status(), shown(place));
    let line = status_line(status);
    let said = reason(answer.headers(), answer.body());
    let page = match (&said, markup(answer.headers(), answer.body())) {
        (Some(said), _) => format!(": {}", Untrusted::new(said).with_limit(200)),
        (None, Some(what)) => format!(" and {what}"),
        (None, None) => String::new(),
    };
    let error = if let Some(target) = target(answer) {
        Error::protocol(format!(
            "{place} redirects to {}; a request with secrets is never redirected",
            Untrusted::new(&target)
        ))
        .with_advice("name the final URL of the endpoint")
    } else if status.is_server_error() || LATER.contains(&status) {
        let advice = match status {
            StatusCode::NETWORK_AUTHENTICATION_REQUIRED => {
                "log in to the network first, in a browser"
            }
            _ => "try again later",
        };
        Error::unavailable(format!("{place} answered {line}{page}")).with_advice(advice)
    } else if status.is_client_error() {
        let advice = match status {
            _ if NOTHING_THERE.contains(&status) => "check the URL of this endpoint",
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => "check the proxy's user and password",
            StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => {
                match said.is_some() {
                    true => "check the client and its secret",
                    false => "check the client and its secret; the server gave no reason",
                }
            }
            _ => BETWEEN,
        };
        Error::refused(format!("{place} answered {line}{page}")).with_advice(advice)
    } else {
        Error::protocol(format!("{place} answered {line}{page}")).with_advice(BETWEEN)
    };
    annotate(error, answer, clock_ahead(answer, now), now)
}

fn annotate(error: Error, answer: &Response<Bytes>, ahead: Option<i64>, now: SystemTime) -> Error {
    let mut error = error.with_status(answer.status().as_u16());
    for (name, id) in ids(answer.headers()) {
        error = error.with_id(name, id);
    }
    if let Some(ahead) = ahead {
        error = error.with_clock_ahead(ahead);
    }
    match retry_after(answer.headers(), now) {
        Some(pause) => error.with_retry_after(pause),
        None => error,
    }
}

/// By how many seconds the local clock is ahead of the server's.
fn clock_ahead(answer: &Response<Bytes>, now: SystemTime) -> Option<i64> {
    let server = date(answer.headers())?;
    match now.duration_since(server) {
        Ok(ahead) => i64::try_from(ahead.as_secs()).ok(),
        Err(behind) => i64::try_from(behind.duration().as_secs())
            .ok()
            .map(|behind| -behind),
    }
}

/// Where a redirect leads: its host, if it says one.
fn target(answer: &Response<Bytes>) -> Option<String> {
    let location = answer.headers().get(LOCATION);
    let redirects = answer.status().is_redirection();
    let location = location.filter(|_| redirects)?;
    let url = location
        .to_str()
        .ok()
        .and_then(|target| Url::parse(target).ok());
    let host = url.as_ref().and_then(Url::host_str);
    Some(host.unwrap_or("another address").to_owned())
}

/// What to do about whom a server knows better than we do: what its refusal is called has no advice of its own.
fn stranger(said: &Refused<'_>, status: StatusCode) -> Option<String> {
    let page = said.more.text("error_uri");
    let page = page.and_then(|text| Url::parse(&text).ok());
    match page.filter(|page| page.scheme() == "https") {
        Some(page) => Some(format!(
            "see {}",
            Untrusted::new(page.as_str()).with_limit(200)
        )),
        None => (status == StatusCode::UNAUTHORIZED).then(|| hint::CLIENT.to_owned()),
    }
}

/// Not now, though no server failed.
const LATER: [StatusCode; 4] = [
    StatusCode::TOO_MANY_REQUESTS,
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_EARLY,
    StatusCode::MISDIRECTED_REQUEST,
];

/// There is nothing at this address that could be asked so.
pub(super) const NOTHING_THERE: [StatusCode; 3] = [
    StatusCode::NOT_FOUND,
    StatusCode::METHOD_NOT_ALLOWED,
    StatusCode::GONE,
];

const BETWEEN: &str =
    "check the URL of this endpoint, and what lies between, such as a proxy or a firewall";

/// The members by which a refusal of Entra ID can be found in its logs.
const IDS: [&str; 3] = ["trace_id", "correlation_id", "timestamp"];
