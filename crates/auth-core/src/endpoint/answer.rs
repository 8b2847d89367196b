//! What a token endpoint answers, read with suspicion.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::accept::{accept, is_page};
use crate::error::{Error, Result, Untrusted};
use crate::io::clock::bound;
use crate::io::http::date;
use crate::io::shown;
use crate::session::TokenSet;
use crate::token::{AccessToken, IdToken, RefreshToken};

/// The life of a token whose answer does not say how long it lives.
const UNSTATED_LIFE: Duration = Duration::from_secs(300);

/// No token is believed to live longer than a year.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 86_400);

#[derive(Deserialize)]
struct Success<'a> {
    access_token: Option<String>,
    token_type: Option<String>,
    #[serde(borrow)]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow)]
    expires_on: Option<&'a RawValue>,
    #[serde(borrow)]
    refresh_in: Option<&'a RawValue>,
    refresh_token: Option<String>,
    #[serde(borrow, alias = "refresh_token_expires_in")]
    refresh_expires_in: Option<&'a RawValue>,
    id_token: Option<String>,
    scope: Option<String>,
    issued_token_type: Option<String>,
    session_state: Option<String>,
}

impl TokenSet {
    /// Reads the answer of `place`, a token endpoint or what answers like one (RFC 6749 §5), to a request that left
    /// at `asked_at` and was answered at `now`: for grants whose request is no POST of a
    /// [`TokenEndpoint`](crate::TokenEndpoint), such as a managed identity's GET. No network.
    ///
    /// Where there is no `expires_in`, an absolute `expires_on` (seconds since 1970) counts, by the server's clock.
    ///
    /// # Errors
    /// `Refused`, `Interaction` or `Unavailable` as the server says, `Protocol` for what is no answer of tokens.
    pub fn from_answer(
        place: &Url,
        answer: &Response<Bytes>,
        asked_at: SystemTime,
        now: SystemTime,
    ) -> Result<Self> {
        read(place, answer, asked_at, now, false)
    }
}

/// Reads the answer to a request that left at `asked_at` and was answered at `now`. `any_type`: a token
/// that is no bearer token is taken too.
pub(super) fn read(
    place: &Url,
    answer: &Response<Bytes>,
    asked_at: SystemTime,
    now: SystemTime,
    any_type: bool,
) -> Result<TokenSet> {
    accept(place, answer, now)?;
    success(place, answer, asked_at, any_type)
        .map_err(|error| error.with_status(answer.status().as_u16()))
}

fn success(
    place: &Url,
    answer: &Response<Bytes>,
    asked_at: SystemTime,
    any_type: bool,
) -> Result<TokenSet> {
    let broken = |what: &str| Error::protocol(format!("{} answered {what}", shown(place)));
    if answer.body().is_empty() {
        return Err(broken("with success but without a body")
            .with_advice("check that this is the URL of the token endpoint"));
    }
    let success: Success<'_> = serde_json::from_slice(answer.body()).map_err(|_| {
        broken(if is_page(answer) {
            "with a web page instead of a token"
        } else {
            "with broken JSON"
        })
        .with_advice("check that this is the URL of the token endpoint, and what lies between")
    })?;
    match success.token_type.as_deref() {
        None => tracing::debug!("the answer has no token_type; taken as Bearer"),
        Some(kind) if kind.eq_ignore_ascii_case("bearer") => {}
        // Not an access token (RFC 8693 §2.2.1): an ID token, a SAML assertion.
        Some(kind) if any_type && kind.eq_ignore_ascii_case("n_a") => {}
        Some(kind) => {
            return Err(broken(&format!(
                "with a token of type {}, which can't be used as a bearer token",
                Untrusted::new(kind).with_limit(40)
            )));
        }
    }
    if let Some(kind) = &success.issued_token_type {
        tracing::debug!(issued = %Untrusted::new(kind).with_limit(80), "token exchange");
    }
    let token = success
        .access_token
        .ok_or_else(|| broken("with JSON that has no access_token"))?;
    let life = match (success.expires_in, success.expires_on) {
        (Some(raw), _) => {
            seconds(raw).ok_or_else(|| broken("with an expires_in that is no number"))?
        }
        (None, Some(raw)) => {
            let end = time(raw).ok_or_else(|| broken("with an expires_on that is no number"))?;
            let server = date(answer.headers()).unwrap_or(asked_at);
            let life = end.duration_since(server).unwrap_or_default();
            life.min(LONGEST_LIFE)
        }
        (None, None) => UNSTATED_LIFE,
    };
    if life.is_zero() {
        return Err(broken("with an access token that has already ended"));
    }
    let access = AccessToken::new(token.into(), asked_at, asked_at + life)?;
    let access = match success.refresh_in.and_then(seconds) {
        Some(pause) => access.with_refresh_at(asked_at + pause),
        None => access,
    };
    let access = match success.scope {
        Some(scope) => access.with_scope(scope),
        None => access,
    };
    let mut set = TokenSet::new(access).with_server_session(success.session_state);
    if let Some(refresh) = success.refresh_token.filter(|token| !token.is_empty()) {
        set = set.with_refresh(RefreshToken::new(refresh));
    }
    // Zero means that it does not end (Keycloak's offline tokens).
    if let Some(life) = success
        .refresh_expires_in
        .and_then(seconds)
        .filter(|life| !life.is_zero())
    {
        set = set.with_refresh_expires_at(asked_at + life);
    }
    Ok(match success.id_token {
        Some(id) => set.with_id(IdToken::new(id)),
        None => set,
    })
}

/// A length of time as a number or a string of one, clamped to what can be.
pub(super) fn seconds(raw: &RawValue) -> Option<Duration> {
    let text = raw.get().trim_matches('"').trim();
    let number: f64 = text.parse().ok().filter(|number: &f64| !number.is_nan())?;
    Some(Duration::from_secs_f64(
        number.clamp(0.0, LONGEST_LIFE.as_secs_f64()),
    ))
}

/// A time in seconds since 1970, as a number or a string of one.
fn time(raw: &RawValue) -> Option<SystemTime> {
    let text = raw.get().trim_matches('"').trim();
    let number: f64 = text
        .parse()
        .ok()
        .filter(|number: &f64| number.is_finite())?;
    // Exact: below 2^53, and a negative time is the first.
    Some(bound::since_epoch(number.clamp(0.0, LATEST) as u64))
}

/// The year 9999, in seconds since 1970.
const LATEST: f64 = 253_402_300_799.0;

#[cfg(test)]
mod tests {
    use http::StatusCode;

    use super::*;

    fn answer(status: u16, body: &str) -> Response<Bytes> {
        let mut answer = Response::new(Bytes::copy_from_slice(body.as_bytes()));
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        answer
    }

    fn read_body(body: &str) -> Result<TokenSet> {
        let place = Url::parse("https://a.b/token?x=1").unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        read(&place, &answer(200, body), now, now, false)
    }

    #[test]
    fn expires_in_is_read_as_number_or_string_and_clamped() {
        for (text, seconds) in [
            ("3599", 3599),
            ("\"86399\"", 86_399),
            ("59.5", 59),
            ("1e999", LONGEST_LIFE.as_secs()),
            ("18446744073709551616", LONGEST_LIFE.as_secs()),
        ] {
            let body =
                format!(r#"{{"access_token":"t","token_type":"bearer","expires_in":{text}}}"#);
            assert_eq!(
                read_body(&body).unwrap().access().life().as_secs(),
                seconds,
                "{text}"
            );
        }
        for text in ["-1", "0", "\"x\"", "{}", "null0"] {
            let body = format!(r#"{{"access_token":"t","expires_in":{text}}}"#);
            assert!(read_body(&body).is_err(), "{text}");
        }
    }

    #[test]
    fn an_absolute_end_counts_by_the_servers_clock_where_there_is_no_life() {
        let at = "Tue, 14 Nov 2023 22:13:20 GMT";
        let read = |body: &str, date: Option<&str>, asked: u64| {
            let mut answer = answer(200, body);
            if let Some(date) = date {
                let name = http::header::DATE;
                answer.headers_mut().insert(name, date.parse().unwrap());
            }
            let asked = SystemTime::UNIX_EPOCH + Duration::from_secs(asked);
            let place = Url::parse("http://169.254.169.254/").unwrap();
            let set = TokenSet::from_answer(&place, &answer, asked, asked)?;
            Ok::<_, Error>(set.access().life().as_secs())
        };
        let (now, wrong) = (1_700_000_000, 1_700_009_000);
        for end in ["1700003600", "\"1700003600\"", "1700003600.0"] {
            let body = format!(r#"{{"access_token":"t","expires_on":{end}}}"#);
            assert_eq!(read(&body, None, now).unwrap(), 3600, "{end}");
            assert_eq!(read(&body, Some(at), wrong).unwrap(), 3600, "{end}");
            assert!(read(&body, None, wrong).is_err(), "it has ended");
        }
        let both = r#"{"access_token":"t","expires_on":"5","expires_in":"60"}"#;
        assert_eq!(read(both, None, now).unwrap(), 60);
        for odd in ["\"tomorrow\"", "-1", "\"\"", "[]"] {
            let body = format!(r#"{{"access_token":"t","expires_on":{odd}}}"#);
            assert!(read(&body, None, now).is_err(), "{odd}");
        }
        let far = r#"{"access_token":"t","expires_on":1e300}"#;
        assert_eq!(read(far, None, now).unwrap(), LONGEST_LIFE.as_secs());
    }

    #[test]
    fn a_missing_expires_in_is_a_short_life() {
        let set = read_body(r#"{"access_token":"t","token_type":"BEARER"}"#).unwrap();
        assert_eq!(set.access().life(), UNSTATED_LIFE);
    }

    #[test]
    fn r28_a_token_of_another_type_is_refused() {
        for kind in ["DPoP", "mac", "N_A"] {
            let body = format!(r#"{{"access_token":"t","token_type":"{kind}"}}"#);
            assert!(read_body(&body).unwrap_err().to_string().contains(kind));
        }
    }

    #[test]
    fn r6_what_is_no_token_answer_is_a_typed_error() {
        for body in [
            "",
            "{",
            "null",
            "[]",
            "{}",
            "<html>",
            r#"{"access_token":5}"#,
            "\u{feff}{}",
        ] {
            let error = read_body(body).unwrap_err();
            assert_eq!(error.kind(), crate::error::ErrorKind::Protocol, "{body}");
            assert!(
                !error.to_string().contains('?'),
                "the query is not shown: {error}"
            );
        }
        let error = read_body(r#"{"error":"invalid_grant"}"#).unwrap_err();
        assert!(error.is_refusal("invalid_grant"));
    }
}
