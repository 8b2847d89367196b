//! What a token endpoint answers, read with suspicion.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use serde::de::IgnoredAny;
use url::Url;

use super::accept::accept;
use crate::error::{Error, Result, Untrusted, markup, reason};
use crate::io::clock::bound;
use crate::io::http::date;
use crate::io::{Members, shown};
use crate::session::TokenSet;
use crate::token::{AccessToken, IdToken, RefreshToken};

/// The life of a token whose answer does not say how long it lives.
const UNSTATED_LIFE: Duration = Duration::from_secs(300);

/// No token is believed to live longer than a year.
const LONGEST_LIFE: Duration = Duration::from_secs(365 * 86_400);

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
    let members = accept(place, answer, now)?;
    success(place, answer, members, asked_at, any_type)
        .map_err(|error| error.with_status(answer.status().as_u16()))
}

fn success(
    place: &Url,
    answer: &Response<Bytes>,
    members: Option<Members>,
    asked_at: SystemTime,
    any_type: bool,
) -> Result<TokenSet> {
    let broken = |what: &str| Error::protocol(format!("{} answered {what}", shown(place)));
    if answer.body().is_empty() {
        return Err(broken("with success but without a body")
            .with_advice("check that this is the URL of the token endpoint"));
    }
    let members = members.ok_or_else(|| {
        let is_json = || serde_json::from_slice::<IgnoredAny>(answer.body()).is_ok();
        broken(&match markup(answer.headers(), answer.body()) {
            Some(what) => format!("with {what} instead of a token"),
            None if is_json() => "with JSON that is no object".to_owned(),
            None => "with broken JSON".to_owned(),
        })
        .with_advice("check that this is the URL of the token endpoint, and what lies between")
    })?;
    match members.text("token_type").as_deref().map(str::trim) {
        None => tracing::debug!("the answer has no token_type; taken as Bearer"),
        Some(kind) if kind.eq_ignore_ascii_case("bearer") => {}
        // Not an access token (RFC 8693 §2.2.1): an ID token, a SAML assertion.
        Some(kind) if any_type && kind.eq_ignore_ascii_case("n_a") => {}
        Some(kind) => {
            return Err(broken(&format!(
                "with a token of type {}, which can't be used as a bearer token",
                Untrusted::new(kind).with_limit(40)
            ))
            .with_advice("let the server give this client bearer tokens (RFC 6750)"));
        }
    }
    if let Some(kind) = members.text("issued_token_type") {
        tracing::debug!(issued = %Untrusted::new(&kind).with_limit(80), "token exchange");
    }
    let token = members.need("access_token").map_err(|fault| {
        let said = reason(answer.headers(), answer.body());
        let said = said.map(|said| format!(": {}", Untrusted::new(&said).with_limit(200)));
        broken(&format!("with {fault}{}", said.unwrap_or_default()))
            .with_advice("check that this is the URL of the token endpoint")
    })?;
    let life = match (length(&members, "expires_in"), time(&members, "expires_on")) {
        (Some(life), _) => life,
        (None, Some(end)) => {
            let server = date(answer.headers()).unwrap_or(asked_at);
            let life = end.duration_since(server).unwrap_or_default();
            if life.is_zero() {
                return Err(broken("with an access token that has already ended"));
            }
            life.min(LONGEST_LIFE)
        }
        (None, None) => UNSTATED_LIFE,
    };
    let access = AccessToken::new(token.into(), asked_at, asked_at + life)?;
    // At once, where it is zero.
    let pause = members.number("refresh_in").filter(|pause| *pause >= 0.0);
    let access = match pause.map(clamped) {
        Some(pause) => access.with_refresh_at(asked_at + pause),
        None => access,
    };
    let access = match members.words("scope") {
        Some(scope) => access.with_scope(scope),
        None => access,
    };
    let mut set = TokenSet::new(access).with_server_session(members.text("session_state"));
    if let Some(refresh) = members.text("refresh_token") {
        match RefreshToken::parse(&refresh) {
            Some(refresh) => set = set.with_refresh(refresh),
            None => tracing::warn!(
                "the server's refresh token has characters that no token has (RFC 6749 A.17), so it is not kept"
            ),
        }
    } else if let Some(fault) = members.fault("refresh_token") {
        tracing::debug!(fault, "there is no refresh token");
    }
    let ends = ["refresh_expires_in", "refresh_token_expires_in"];
    if let Some(life) = ends.iter().find_map(|name| length(&members, name)) {
        set = set.with_refresh_expires_at(asked_at + life);
    }
    Ok(match members.text("id_token") {
        Some(id) => set.with_id(IdToken::new(id)),
        None => set,
    })
}

/// A length of time, clamped to what can be. Zero, a negative one, and what is no number say that there is no end, or
/// nothing at all.
pub(super) fn length(members: &Members, name: &str) -> Option<Duration> {
    let number = members.number(name).filter(|number| *number > 0.0);
    if number.is_none() && members.has(name) {
        tracing::debug!(name, "a length of time that says nothing");
    }
    number.map(clamped)
}

fn clamped(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.min(LONGEST_LIFE.as_secs_f64()))
}

/// A time in seconds since 1970.
fn time(members: &Members, name: &str) -> Option<SystemTime> {
    let number = members.number(name).filter(|number| *number > 0.0)?;
    // Exact: below 2^53.
    Some(bound::since_epoch(number.min(LATEST) as u64))
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
        // "Never", as some servers write it, and what says nothing.
        for text in ["-1", "0", "\"0\"", "\"x\"", "{}", "null", "[3600]"] {
            let body = format!(r#"{{"access_token":"t","expires_in":{text}}}"#);
            assert_eq!(
                read_body(&body).unwrap().access().life(),
                UNSTATED_LIFE,
                "{text}"
            );
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
            let life = read(&body, None, now).unwrap();
            assert_eq!(life, UNSTATED_LIFE.as_secs(), "{odd}");
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
    fn blanks_around_a_type_do_not_make_it_another() {
        for kind in ["Bearer ", " bearer", "BEARER\t"] {
            let body = serde_json::json!({ "access_token": "t", "token_type": kind });
            assert!(read_body(&body.to_string()).is_ok(), "{kind}");
        }
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
            r#"{"access_token":"a","access_token":"b"}"#,
            "access_token",
        ] {
            let error = read_body(body).unwrap_err();
            assert_eq!(error.kind(), crate::error::ErrorKind::Protocol, "{body}");
            assert!(
                !error.to_string().contains('?'),
                "the query is not shown: {error}"
            );
        }
        for code in ["invalid_grant", "INVALID_GRANT", " invalid_grant"] {
            let error = read_body(&format!(r#"{{"error":"{code}"}}"#)).unwrap_err();
            assert!(error.is_refusal("invalid_grant"), "{error}");
        }
    }

    #[test]
    fn one_odd_optional_member_never_costs_the_token() {
        let scope = |set: &TokenSet| set.access().scope().map(str::to_owned);
        let set = read_body(r#"{"access_token":"t","scope":["a","b"]}"#).unwrap();
        assert_eq!(scope(&set).as_deref(), Some("a b"));
        for odd in [
            r#""scope":5"#,
            r#""token_type":"""#,
            r#""token_type":{}"#,
            r#""refresh_token":false"#,
            r#""refresh_token":"good\nexport EVIL=1\u001b]52;x""#,
            r#""id_token":5"#,
            r#""error":"""#,
            r#""error":null"#,
            r#""session_state":[]"#,
            r#""refresh_in":"soon""#,
            r#""refresh_expires_in":{},"refresh_token_expires_in":null"#,
            r#""message":"\ud800""#,
        ] {
            let set = read_body(&format!(r#"{{"access_token":"t",{odd}}}"#)).unwrap();
            assert_eq!(set.access().expose_secret(), "t", "{odd}");
            assert!(set.refresh().is_none() && set.id().is_none(), "{odd}");
        }
        let both = r#"{"access_token":"t","refresh_token":"r","refresh_expires_in":60,"refresh_token_expires_in":90}"#;
        let set = read_body(both).unwrap();
        let end = set.refresh_expires_at().unwrap();
        assert_eq!(
            end.duration_since(set.access().obtained_at())
                .unwrap()
                .as_secs(),
            60
        );
    }

    #[test]
    fn a_form_is_read_where_a_server_answers_with_one() {
        let place = Url::parse("https://a.b/token").unwrap();
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
        let read_as = |kind: &'static str, body: &str| {
            let mut answer = answer(200, body);
            let name = http::header::CONTENT_TYPE;
            answer.headers_mut().insert(name, kind.parse().unwrap());
            read(&place, &answer, now, now, false)
        };
        let form = "access_token=t%2Bx&expires_in=60&scope=a+b&token_type=bearer";
        for kind in [
            "application/x-www-form-urlencoded; charset=utf-8",
            "text/plain",
        ] {
            let set = read_as(kind, form).unwrap();
            assert_eq!(set.access().expose_secret(), "t+x");
            assert_eq!(
                (set.access().life().as_secs(), set.access().scope()),
                (60, Some("a b"))
            );
        }
        let error = read_as(
            "text/plain",
            "error=bad_code&error_description=no+such+code",
        );
        let error = error.unwrap_err();
        assert!(
            error.is_refusal("bad_code") && error.message().contains("no such code"),
            "{error}"
        );
        // Whatever it is called, and no page that has one in it.
        for kind in [
            "text/html",
            "application/json",
            "Application/X-WWW-Form-Urlencoded",
        ] {
            assert!(read_as(kind, form).is_ok(), "{kind}");
        }
        for page in [
            "<a href='/cb?x=1&access_token=t'>",
            "you want to see /cb?x=1&access_token=t",
            r#"{"a":"&access_token=t""#,
        ] {
            assert!(read_as("text/html", page).is_err(), "{page}");
        }
    }

    #[test]
    fn a_member_that_is_needed_is_named_with_what_is_wrong_with_it() {
        for (body, named) in [
            ("{}", "with no `access_token`"),
            (
                r#"{"access_token":5}"#,
                "with an `access_token` that is a number",
            ),
            (
                r#"{"access_token":null}"#,
                "with an `access_token` that is null",
            ),
            (
                r#"{"access_token":"a","access_token":"b"}"#,
                "with two different `access_token`",
            ),
            (
                r#"{"message":"try the other door"}"#,
                "with no `access_token`: try the other door",
            ),
        ] {
            let error = read_body(body).unwrap_err();
            assert!(error.message().ends_with(named), "{error}");
        }
    }

    #[test]
    fn the_servers_own_reason_is_told_wherever_it_stands() {
        let place = Url::parse("https://a.b/token").unwrap();
        let now = SystemTime::UNIX_EPOCH;
        let said = |status, header: Option<(&'static str, &str)>, body: &str| {
            let mut answer = answer(status, body);
            if let Some((name, value)) = header {
                answer.headers_mut().insert(name, value.parse().unwrap());
            }
            read(&place, &answer, now, now, false).unwrap_err()
        };
        for (header, body) in [
            (None, r#"{"message":"the client is asleep"}"#),
            (None, r#"{"detail":"the client is asleep"}"#),
            (None, r#"{"error":{"message":"the client is asleep"}}"#),
            (Some(("content-type", "text/plain")), "the client is asleep"),
        ] {
            let error = said(403, header, body);
            assert!(
                error
                    .message()
                    .contains("403 Forbidden: the client is asleep"),
                "{error}"
            );
            assert!(!error.to_string().contains("gave no reason"), "{error}");
        }
        let challenge = "Bearer error=\"invalid_client\", error_description=\"asleep\"";
        let error = said(401, Some(("www-authenticate", challenge)), "");
        assert!(
            error.is_refusal("invalid_client") && error.message().contains("asleep"),
            "{error}"
        );
        assert!(said(401, None, "").to_string().contains("gave no reason"));
    }
}
