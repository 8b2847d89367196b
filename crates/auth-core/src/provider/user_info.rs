//! [`UserInfo`]: what an OpenID Provider says about the person who logged in.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{ACCEPT, CONTENT_TYPE};
use http::{Request, Response, StatusCode};
use serde_json::{Map, Value};
use url::Url;

use crate::api::ApiClient;
use crate::error::{Challenge, Error, ErrorKind, Result, Untrusted, reason};
use crate::io::http::{ANSWER_LIMIT, Body, read as read_whole, retry_after, status_line};
use crate::io::{Members, shown};
use crate::provider::Provider;
use crate::source::TokenSource;
use crate::token::IdToken;

/// The claims about a person that the userinfo endpoint gives (OpenID Connect Core §5.3). They are
/// about the person of the login that was asked with.
#[derive(Clone, Debug)]
pub struct UserInfo {
    subject: String,
    claims: Map<String, Value>,
}

impl UserInfo {
    /// The person, as the issuer tells them apart: `sub`.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// A claim: `name`, `email`, a vendor's own.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.claims.get(name)
    }

    /// All of them, `sub` among them.
    pub fn claims(&self) -> &Map<String, Value> {
        &self.claims
    }
}

impl Provider {
    /// Asks for the claims about the person whose login `source` lives on and `login` is about. A 401 is
    /// answered with a new token, once. An answer about somebody else is refused (OpenID Connect Core
    /// §5.3.2), and so is one that is signed (`application/jwt`), which nobody gets without asking for it.
    ///
    /// # Errors
    /// `Config` where the provider has no such endpoint; `Refused` where the token is not good for it, or the claims come
    /// signed; `Protocol` for a wrong answer; those of the source; `Unavailable`.
    pub async fn user_info(
        &self,
        source: Arc<dyn TokenSource>,
        login: &IdToken,
    ) -> Result<UserInfo> {
        let url = self
            .endpoint("userinfo endpoint", "userinfo_endpoint")
            .await;
        let url = url.map_err(|error| match error.kind() {
            ErrorKind::Config => {
                error.with_advice("the server does not offer it: ask its API who you are")
            }
            _ => error,
        })?;
        let request = Request::get(url.as_str())
            .header(ACCEPT, "application/json")
            .body(Body::empty())
            .map_err(|_| Error::config(format!("{} can't be asked", shown(&url))))?;
        let api = ApiClient::new(url.clone(), source, self.io().clone()).with_timeout(PATIENCE);
        let answer = api.send(request).await?;
        let status = answer.status().as_u16();
        let now = self.io().clock().now().wall;
        read(&url, answer, login, now)
            .await
            .map_err(|error| error.with_status(status))
    }
}

/// How long the endpoint may be silent.
const PATIENCE: Duration = Duration::from_secs(30);

async fn read(
    place: &Url,
    answer: Response<Body>,
    login: &IdToken,
    now: SystemTime,
) -> Result<UserInfo> {
    let answer = read_whole(answer, ANSWER_LIMIT).await;
    let answer = answer.map_err(|error| error.context(shown(place)))?;
    if !answer.status().is_success() {
        let error = refused(place, &answer);
        return Err(match retry_after(answer.headers(), now) {
            Some(pause) => error.with_retry_after(pause),
            None => error,
        });
    }
    let wrong = |what: &str| Error::protocol(format!("{} answered {what}", shown(place)));
    if is_signed(&answer) {
        let signed = "with signed claims, which are not read";
        return Err(
            Error::refused(format!("{} answered {signed}", shown(place)))
                .with_advice("let the server answer this client with plain JSON"),
        );
    }
    let claims = Members::parse(answer.body())
        .ok_or_else(|| wrong("with something else than claims about a person"))?;
    let subject = claims
        .need("sub")
        .map_err(|fault| wrong(&format!("without saying who it is about: with {fault}")))?;
    if login.subject().as_deref() != Some(&*subject) {
        return Err(wrong("about somebody else than the person who logged in")
            .with_advice("do not use the answer; log in again, and report it if it stays"));
    }
    Ok(UserInfo {
        subject,
        claims: claims.into_map(),
    })
}

/// Whether the claims are a JWT, signed or encrypted (OpenID Connect Core §5.3.2), whatever the answer calls itself.
fn is_signed(answer: &Response<Bytes>) -> bool {
    let kind = answer
        .headers()
        .get(CONTENT_TYPE)
        .map(|kind| kind.as_bytes());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let body = answer.body().trim_ascii();
    let token = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
    kind.starts_with(b"application/jwt") || (body.starts_with(b"eyJ") && body.iter().all(token))
}

/// The endpoint says no in its challenge (RFC 6750 §3.1), or in its body.
fn refused(place: &Url, answer: &Response<Bytes>) -> Error {
    let (status, place) = (answer.status(), shown(place));
    let line = status_line(status);
    let words = reason(answer.headers(), answer.body());
    let told = |words: Option<&str>| {
        let words = words.map(|words| format!(": {}", Untrusted::new(words).with_limit(200)));
        words.unwrap_or_default()
    };
    if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS {
        return Error::unavailable(format!("{place} answered {line}{}", told(words.as_deref())))
            .with_advice("try again later");
    }
    let said = Challenge::from_headers(answer.headers(), "Bearer").unwrap_or_default();
    let of_body = || Members::parse(answer.body())?.text("error");
    let Some(code) = said.error.or_else(of_body) else {
        return Error::refused(format!("{place} answered {line}{}", told(words.as_deref())))
            .with_advice("check that the login asked for the scope openid");
    };
    let words = said
        .error_description
        .or(words)
        .filter(|words| *words != code);
    let said = format!(
        "{}{}",
        Untrusted::new(&code).with_limit(80),
        told(words.as_deref())
    );
    let error = Error::refused(format!("{place} refused the token: {said}"));
    match &*code {
        "insufficient_scope" => {
            error.with_advice("ask for the scope openid (and profile, email), and log in again")
        }
        _ => error.with_advice("log in again"),
    }
    .with_code(code)
}
