//! Device authorization (RFC 8628 §3.1, §3.2): a code for the device and one for the person.

use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::Response;
use secrecy::SecretString;
use url::Url;

use super::accept::accept;
use super::answer::length;
use super::post::Tries;
use super::{Form, TokenEndpoint, answer};
use crate::error::{Error, ErrorKind, Result, markup};
use crate::io::http::status_line;
use crate::io::{Members, shown};
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

impl TokenEndpoint {
    /// Asks for codes. Can be repeated without harm: a code that nobody enters ends by itself.
    pub(crate) async fn authorize_device(
        &self,
        held: &Held,
        scopes: &[String],
        parameters: &[(String, String)],
    ) -> Result<DeviceAuthorization> {
        let url = self
            .place(
                "device authorization endpoint",
                "device_authorization_endpoint",
            )
            .await?;
        let form = Form::empty().with_scopes(scopes);
        let form = parameters
            .iter()
            .fold(form, |form, (name, value)| form.with(name, value));
        self.post(held, &url, form, Tries::Three, read).await
    }

    /// Asks once whether the tokens are there. What is no answer of the server's, but of something on the way to it (a
    /// portal's page or redirect, nothing at all), is `Unavailable`: the next one may be.
    pub(crate) async fn poll(&self, held: &Held, form: Form) -> Result<TokenSet> {
        let url = self.url().await?;
        let form = self.completed(held, form);
        self.post(
            held,
            &url,
            form,
            Tries::One,
            |url, answer, asked_at, now| {
                let outcome = answer::read(url, answer, asked_at, now, false);
                outcome.map_err(|error| match Members::of(answer) {
                    None if error.code().is_none() && error.kind() != ErrorKind::Unavailable => {
                        let status = answer.status();
                        let what = markup(answer.headers(), answer.body());
                        let what = what.map(|what| format!(" and {what}"));
                        let place = shown(url);
                        Error::unavailable(format!(
                            "{place} answered {}{} while the code was waited for",
                            status_line(status),
                            what.unwrap_or_default()
                        ))
                        .with_status(status.as_u16())
                        .with_advice("see what lies between, such as the login page of a network")
                    }
                    _ => error,
                })
            },
        )
        .await
    }
}

fn read(
    place: &Url,
    answer: &Response<Bytes>,
    asked_at: SystemTime,
    now: SystemTime,
) -> Result<DeviceAuthorization> {
    let members = accept(place, answer, now)?;
    let broken = |fault: &str| {
        let what = format!(
            "{} answered without usable codes: with {fault}",
            shown(place)
        );
        Error::protocol(what)
            .with_status(answer.status().as_u16())
            .with_advice("check that this is the URL of the device authorization endpoint")
    };
    let members = members.ok_or_else(|| broken("something else than JSON"))?;
    let need = |name| members.need(name).map_err(|fault| broken(&fault));
    let (device_code, user_code) = (need("device_code")?, need("user_code")?);
    if !is_code(&user_code) {
        return Err(broken("a `user_code` that nobody could type"));
    }
    let at = members.first_text(&["verification_uri", "verification_url"]);
    let at = at.ok_or_else(|| broken("no `verification_uri`"))?;
    let at = page(&at, place)?;
    let complete = ["verification_uri_complete", "verification_url_complete"];
    let complete = members
        .first_text(&complete)
        .and_then(|text| page(&text, place).ok())
        .filter(|complete| complete.origin() == at.origin());
    let life = length(&members, "expires_in").unwrap_or(UNSTATED_LIFE);
    let life = life.min(LONGEST_LIFE);
    let interval = length(&members, "interval").unwrap_or(UNSTATED_PAUSE);
    Ok(DeviceAuthorization {
        device_code: device_code.into(),
        user_code: UserCode::new(&user_code, at, asked_at + life)
            .with_complete_page(complete)
            .with_message(members.text("message").as_deref())
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
