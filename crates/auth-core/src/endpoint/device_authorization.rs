//! Device authorization (RFC 8628 §3.1, §3.2): a code for the device and one for the person.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use secrecy::SecretString;
use serde::Deserialize;
use serde_json::value::RawValue;
use url::Url;

use super::accept::accept;
use super::answer::seconds;
use super::post::Tries;
use super::{Form, TokenEndpoint};
use crate::error::{Error, Result};
use crate::io::shown;
use crate::person::page;
use crate::prompt::UserCode;
use crate::session::{Held, TokenSet};

/// What a server gives a device that asks.
pub(crate) struct DeviceAuthorization {
    pub(crate) device_code: SecretString,
    pub(crate) user_code: UserCode,
    pub(crate) interval: Duration,
    pub(crate) expires_in: Duration,
}

#[derive(Deserialize)]
struct Answer<'a> {
    device_code: String,
    user_code: String,
    #[serde(alias = "verification_url")]
    verification_uri: String,
    #[serde(alias = "verification_url_complete")]
    verification_uri_complete: Option<String>,
    message: Option<String>,
    #[serde(borrow)]
    expires_in: Option<&'a RawValue>,
    #[serde(borrow)]
    interval: Option<&'a RawValue>,
}

impl TokenEndpoint {
    /// Asks for codes. Can be repeated without harm: a code that nobody enters ends by itself.
    pub(crate) async fn authorize_device(
        &self,
        held: &Held,
        scopes: &[String],
        parameters: &[(String, String)],
    ) -> Result<DeviceAuthorization> {
        let url = self
            .place("device authorization endpoint", |known| {
                known.device_authorization_endpoint.as_ref()
            })
            .await?;
        let form = Form::empty().with_scopes(scopes);
        let form = parameters
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.post(held, &url, form, Tries::Three, read).await
    }

    /// Asks once whether the tokens are there.
    pub(crate) async fn poll(&self, held: &Held, form: Form) -> Result<TokenSet> {
        self.ask(held, form, Tries::One).await
    }
}

fn read(
    place: &Url,
    answer: &Response<Bytes>,
    asked_at: SystemTime,
    now: SystemTime,
) -> Result<DeviceAuthorization> {
    accept(place, answer, now)?;
    let broken = || {
        Error::protocol(format!("{} answered without usable codes", shown(place)))
            .with_status(answer.status().as_u16())
            .with_advice("check that this is the URL of the device authorization endpoint")
    };
    let answer: Answer<'_> = serde_json::from_slice(answer.body()).map_err(|_| broken())?;
    if !is_code(&answer.user_code) {
        return Err(broken());
    }
    let at = page(&answer.verification_uri, place)?;
    let complete = answer.verification_uri_complete.as_deref();
    let complete = complete
        .and_then(|text| page(text, place).ok())
        .filter(|complete| complete.origin() == at.origin());
    let life = answer.expires_in.and_then(seconds).unwrap_or(UNSTATED_LIFE);
    let life = life.min(LONGEST_LIFE);
    let interval = answer.interval.and_then(seconds).unwrap_or(UNSTATED_PAUSE);
    Ok(DeviceAuthorization {
        device_code: answer.device_code.into(),
        user_code: UserCode::new(&answer.user_code, at, asked_at + life)
            .with_complete_page(complete)
            .with_message(answer.message.as_deref())
            .with_server(place.host_str()),
        interval: interval.clamp(Duration::from_secs(1), LONGEST_PAUSE),
        expires_in: life,
    })
}

/// Whether a text is something to type (RFC 8628 §6.1): one short word or a few groups, and not what a hostile server
/// would like somebody to read.
fn is_code(text: &str) -> bool {
    let text = text.trim();
    let typed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._ ".contains(&byte);
    !text.is_empty()
        && text.len() <= LONGEST_CODE
        && text.bytes().all(typed)
        && text.split(' ').count() <= MOST_GROUPS
}

/// Nobody types a longer one.
const LONGEST_CODE: usize = 40;
const MOST_GROUPS: usize = 4;

/// RFC 8628 §3.2: where the server names no interval.
const UNSTATED_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// The answer must name its life; where it does not, a person gets this long.
const UNSTATED_LIFE: Duration = Duration::from_secs(300);
const LONGEST_LIFE: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use super::is_code;

    #[test]
    fn rfc8628_s6_1_a_code_is_something_to_type() {
        for code in [
            "WDJB-MJHT",
            "019-450-730",
            " BDWP HQPK ",
            "a.b_c",
            "123456789",
        ] {
            assert!(is_code(code), "{code}");
        }
        let urgent = "Your account is locked call 0800 555 555";
        for text in [
            "",
            " ",
            urgent,
            "https://evil.example/login",
            "A\nB",
            "é",
            "A\u{202e}B",
            &"A".repeat(41),
        ] {
            assert!(!is_code(text), "{text}");
        }
    }
}
