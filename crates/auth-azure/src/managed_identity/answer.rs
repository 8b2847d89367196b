//! What a metadata service answers.

use std::time::{Duration, SystemTime};

use auth_core::error::Untrusted;
use auth_core::http::retry_after;
use auth_core::session::TokenSet;
use auth_core::{Error, Result};
use bytes::Bytes;
use http::{Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};

use super::host::Host;
use super::{Identity, expiry, imds};

/// Reads the answer to a request that left at `asked_at` and was answered at `now`. `sent` is what was secret in it: a
/// refusal that repeats it shows it to nobody.
pub(super) fn read(
    host: &Host,
    identity: &Identity,
    sent: Option<&SecretString>,
    answer: &Response<Bytes>,
    asked_at: SystemTime,
    now: SystemTime,
) -> Result<TokenSet> {
    let members = serde_json::from_slice::<Map<String, Value>>(answer.body());
    let mut members = members.unwrap_or_default();
    if !answer.status().is_success() || members.contains_key("error") {
        let answer = struck(answer, sent);
        let members = serde_json::from_slice(answer.body()).unwrap_or_default();
        return Err(refusal(host, identity, &answer, &members, now));
    }
    if let Host::Arc { .. } = host {
        ensure_confirmed(identity, &members)?;
    }
    expiry::settle(&mut members);
    let body = match members.is_empty() {
        true => answer.body().clone(),
        false => Value::Object(members).to_string().into(),
    };
    let settled = answer.clone().map(|_| body);
    let set = TokenSet::from_answer(host.endpoint(), &settled, asked_at, now);
    let set = set.map_err(|error| {
        error.with_advice("see what answers in place of the metadata service, such as a proxy")
    })?;
    Ok(renewed_at_half(set))
}

/// The refusal without the secret that was sent.
fn struck(answer: &Response<Bytes>, sent: Option<&SecretString>) -> Response<Bytes> {
    let text = String::from_utf8_lossy(answer.body());
    let secret = sent.map(|sent| sent.expose_secret()).unwrap_or_default();
    let body = match secret.is_empty() {
        true => answer.body().clone(),
        false => text.replace(secret, "[secret]").into(),
    };
    answer.clone().map(|_| body)
}

/// Tokens of two hours and more are renewed at half of their life. Not shorter ones: the service hands out what it
/// has until it is nearly over, and each renewal would come after half of what is left.
fn renewed_at_half(set: TokenSet) -> TokenSet {
    let access = set.access();
    if access.refresh_at().is_some() || access.life() < LONG {
        return set;
    }
    let half = access.obtained_at() + access.life() / 2;
    TokenSet::new(access.clone().with_refresh_at(half))
}

/// An old agent ignores which identity was asked for and hands out the machine's own.
fn ensure_confirmed(identity: &Identity, members: &Map<String, Value>) -> Result<()> {
    let (names, asked): (&[&str], &str) = match identity {
        Identity::System => return Ok(()),
        Identity::ClientId(id) => (&["client_id"], id),
        Identity::ObjectId(id) => (&["object_id"], id),
        Identity::ResourceId(id) => (&["msi_res_id", "mi_res_id"], id),
    };
    let said = names.iter().find_map(|name| members.get(*name)?.as_str());
    if said.is_some_and(|said| said.eq_ignore_ascii_case(asked)) {
        return Ok(());
    }
    Err(Error::refused(format!(
        "the agent of Azure Arc does not say that its token is of {}",
        Untrusted::new(&identity.to_string())
    ))
    .with_advice("bring the agent up to date: old ones know the machine's own identity only"))
}

fn refusal(
    host: &Host,
    identity: &Identity,
    answer: &Response<Bytes>,
    members: &Map<String, Value>,
    now: SystemTime,
) -> Error {
    let status = answer.status();
    let said = Said::of(members);
    let what = said.words(status, imds::is_page(answer.body()));
    let error = if host.may_come_back(status) {
        Error::unavailable(format!("{host} can't serve us now: {what}"))
            .with_advice("try again later")
    } else if *identity == Identity::System && says_nobody(host, status, &said) {
        Error::absent(format!("{host} has no identity to give: {what}")).with_advice(
            "assign an identity to this machine, or name one of its identities by client id",
        )
    } else {
        // What Entra said has an advice of its own.
        let known = TokenSet::from_answer(host.endpoint(), answer, now, now).err();
        let known = known.filter(|_| said.text.is_some_and(|text| text.contains("AADSTS")));
        let known = known.and_then(|error| error.advice().map(str::to_owned));
        Error::refused(format!("{host} refused: {what}"))
            .with_advice(known.unwrap_or_else(|| advice(host, identity)))
    };
    let error = error.with_status(status.as_u16());
    let error = match said.code {
        Some(code) => error.with_code(code),
        None => error,
    };
    match retry_after(answer.headers(), now) {
        Some(pause) => error.with_retry_after(pause),
        None => error,
    }
}

/// A virtual machine that has no identity, or several and none of its own, says so with the code of a bad request.
fn says_nobody(host: &Host, status: StatusCode, said: &Said<'_>) -> bool {
    matches!(host, Host::Imds { .. })
        && status == StatusCode::BAD_REQUEST
        && said.code == Some("invalid_request")
}

fn advice(host: &Host, identity: &Identity) -> String {
    let identity = match identity {
        Identity::System => "turn its system-assigned identity on".to_owned(),
        other => format!("assign {} to it", Untrusted::new(&other.to_string())),
    };
    match host {
        Host::CloudShell(_) => "check the name of the API".to_owned(),
        _ => format!("check the name of the API, and {identity}"),
    }
}

/// Why a service refuses: `error` and `error_description` as in RFC 6749 §5.2, `statusCode` and `message` at App
/// Service, an object in `error` elsewhere.
struct Said<'a> {
    code: Option<&'a str>,
    text: Option<&'a str>,
}

impl<'a> Said<'a> {
    fn of(members: &'a Map<String, Value>) -> Self {
        let text = |members: &'a Map<String, Value>, name: &str| members.get(name)?.as_str();
        match members.get("error") {
            Some(Value::Object(inner)) => Self {
                code: text(inner, "code"),
                text: text(inner, "message"),
            },
            _ => Self {
                code: text(members, "error"),
                text: text(members, "error_description").or_else(|| text(members, "message")),
            },
        }
    }

    fn words(&self, status: StatusCode, page: bool) -> String {
        let shown = |text: &'a str| {
            let line = text.lines().next().unwrap_or_default();
            Untrusted::new(line.trim_end().trim_end_matches('.'))
        };
        match (self.code, self.text) {
            (Some(code), Some(text)) => format!("{}: {}", shown(code).with_limit(80), shown(text)),
            (None, Some(text)) => format!("{status}: {}", shown(text)),
            (Some(code), None) => shown(code).with_limit(80).to_string(),
            (None, None) if page => format!("{status} and a web page"),
            (None, None) => status.to_string(),
        }
    }
}

const LONG: Duration = Duration::from_secs(2 * 3600);
