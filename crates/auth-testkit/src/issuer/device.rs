//! Device authorization (RFC 8628): codes that wait for a person elsewhere.

use std::time::{Duration, SystemTime};

use http::{Method, StatusCode};
use serde_json::json;

use super::Issuer;
use crate::answer::{self, Answer, Refusal};
use crate::pkce;
use crate::policy::Policy;
use crate::record::Received;
use crate::token::Purpose;
use crate::{page, random};

/// The codes that were given and not redeemed.
#[derive(Default)]
pub(crate) struct Devices(Vec<Device>);

struct Device {
    code: String,
    user_code: String,
    purpose: Purpose,
    challenge: Option<String>,
    interval: Duration,
    asked_at: SystemTime,
    ends_at: SystemTime,
    decision: Option<Decision>,
}

enum Decision {
    Allowed,
    Denied,
}

impl Devices {
    /// Lets `user` enter a code and allow what the device asks for, in `session` if they have one. Says
    /// whether the code is known.
    pub(crate) fn allow(
        &mut self,
        user_code: &str,
        user: &str,
        session: Option<(String, SystemTime)>,
    ) -> bool {
        self.decide(user_code, |device| {
            user.clone_into(&mut device.purpose.subject);
            (device.purpose.session, device.purpose.since) = session.unzip();
            device.decision = Some(Decision::Allowed);
        })
    }

    /// What asks behind a code, and whether it still waits.
    pub(crate) fn waiting(&self, user_code: &str, now: SystemTime) -> Option<(&Purpose, bool)> {
        let mut devices = self.0.iter();
        let device = devices.find(|device| plain(&device.user_code) == plain(user_code))?;
        Some((
            &device.purpose,
            now < device.ends_at && device.decision.is_none(),
        ))
    }

    /// Lets a user enter a code and deny.
    pub(crate) fn deny(&mut self, user_code: &str) -> bool {
        self.decide(user_code, |device| device.decision = Some(Decision::Denied))
    }

    fn decide(&mut self, user_code: &str, change: impl FnOnce(&mut Device)) -> bool {
        let mut devices = self.0.iter_mut();
        let found = devices.find(|device| plain(&device.user_code) == plain(user_code));
        found.map(change).is_some()
    }

    /// Where the device behind a code is, if it may have its tokens now (RFC 8628 §3.5).
    pub(crate) fn poll(
        &mut self,
        code: &str,
        client: &str,
        now: SystemTime,
    ) -> Result<Ready, Unready> {
        let found = self.0.iter().position(|device| device.code == code);
        let (at, device) = found
            .and_then(|at| Some((at, self.0.get_mut(at)?)))
            .ok_or(Unready::Unknown)?;
        if device.purpose.client != client {
            return Err(Unready::Foreign);
        }
        if now >= device.ends_at {
            let forgotten = now > device.ends_at + FORGOTTEN;
            return Err(Unready::Expired { forgotten });
        }
        let since = now.duration_since(device.asked_at).unwrap_or_default();
        device.asked_at = now;
        if since < device.interval {
            return Err(Unready::TooSoon);
        }
        match device.decision {
            None => Err(Unready::Undecided),
            Some(Decision::Denied) => Err(Unready::Denied),
            Some(Decision::Allowed) => Ok(Ready(at)),
        }
    }

    /// The challenge that a device gave (RFC 7636).
    fn challenge(&self, ready: &Ready) -> Option<&str> {
        self.0.get(ready.0)?.challenge.as_deref()
    }

    /// What an allowed device asked for. Its code is then worth nothing.
    pub(crate) fn take(&mut self, ready: Ready) -> Purpose {
        self.0.swap_remove(ready.0).purpose
    }

    /// A device that asks for `purpose`: its code, and the one for the person.
    pub(crate) fn add(
        &mut self,
        purpose: Purpose,
        challenge: Option<String>,
        policy: &Policy,
        now: SystemTime,
    ) -> (String, String) {
        let device = Device {
            code: random::hex(32),
            user_code: user_code(),
            purpose,
            challenge,
            interval: policy.device_interval,
            asked_at: now,
            ends_at: now + policy.device_life,
            decision: None,
        };
        let codes = (device.code.clone(), device.user_code.clone());
        self.0.push(device);
        codes
    }
}

/// A device whose person has allowed it.
pub(crate) struct Ready(usize);

/// Why a device gets nothing.
pub(crate) enum Unready {
    Unknown,
    Foreign,
    Expired { forgotten: bool },
    TooSoon,
    Undecided,
    Denied,
}

impl From<Unready> for Refusal {
    fn from(unready: Unready) -> Self {
        let invalid = |why| Self::new("invalid_grant", why);
        match unready {
            Unready::Unknown => {
                invalid("The device code is not valid.").keycloak("Device code not valid")
            }
            Unready::Foreign => {
                invalid("The device code is another client's.").keycloak("unauthorized client")
            }
            Unready::Expired { forgotten } => {
                let no = Self::new("expired_token", "The device code has expired.");
                match forgotten {
                    true => no.keycloak_as(
                        StatusCode::BAD_REQUEST,
                        "invalid_grant",
                        "Device code not valid",
                    ),
                    false => no.keycloak("Device code is expired"),
                }
            }
            Unready::TooSoon => Self::new("slow_down", "Slow down.").keycloak("Slow down"),
            Unready::Undecided => {
                Self::new("authorization_pending", "The person has not decided yet.")
                    .keycloak("The authorization request is still pending")
            }
            Unready::Denied => Self::new("access_denied", "The person has denied it.")
                .keycloak("The end user denied the authorization request"),
        }
    }
}

impl Issuer {
    pub(crate) fn device_authorization(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let challenge = pkce::challenge(|name| request.field(name))
            .map_err(|why| Refusal::new("invalid_request", why))?;
        let scope = request.field("scope").unwrap_or_default();
        let purpose = Purpose {
            client: client.id.clone(),
            subject: String::new(),
            scopes: self.device_scopes(&scope, &client)?,
            audience: self.audience(self.targets(request), &client),
            session: None,
            since: None,
            offline: false,
            actor: None,
        };
        let policy = &self.policy;
        let (code, user_code) = self.devices.add(purpose, challenge, policy, request.at());
        let page = format!("{}/device", self.name(request));
        let body = json!({
            "device_code": code,
            "user_code": user_code,
            "verification_uri": page,
            "verification_uri_complete": format!("{page}?user_code={user_code}"),
            "expires_in": policy.device_life.as_secs(),
            "interval": policy.device_interval.as_secs(),
        });
        Ok(answer::of_tokens(&body))
    }

    /// The page where a person enters the code: fields `user_code`, and `username` or `cancel`.
    pub(super) fn device_page(&mut self, request: &Received) -> Answer {
        if request.method() != Method::POST {
            let code = request.query("user_code").unwrap_or_default();
            let fields = [("user_code", &*code), ("username", "")];
            return page::form(request.path(), "Enter the code of your device", &fields);
        }
        let field = |name| request.field(name).unwrap_or_default();
        let (code, user) = (field("user_code"), field("username"));
        let known = if user.is_empty() {
            self.devices.deny(&code)
        } else {
            self.devices.allow(&code, &user, None)
        };
        match known {
            true => page::text(StatusCode::OK, "Done. Go back to your device."),
            false => page::text(StatusCode::BAD_REQUEST, "This code is not known."),
        }
    }

    pub(super) fn device_code(&mut self, request: &Received) -> Result<Answer, Refusal> {
        let client = self.client(request)?;
        let code = request.field("device_code").unwrap_or_default();
        if code.is_empty() {
            return Err(Refusal::new("invalid_request", "There is no device_code.")
                .keycloak("Missing parameter: device_code"));
        }
        let ready = self.devices.poll(&code, &client.id, request.at())?;
        pkce::prove(request, self.devices.challenge(&ready))?;
        let purpose = self.devices.take(ready);
        if !self.may_log_in(&purpose.subject) {
            let no = Refusal::new("invalid_grant", "The person may not log in.");
            return Err(no.keycloak("User disabled"));
        }
        Ok(answer::of_tokens(&self.start(request, purpose, None)?.0))
    }
}

/// A user code as people may type it: in any case and without the dash.
fn plain(code: &str) -> String {
    code.replace('-', "").to_uppercase()
}

/// Eight letters that are hard to mistake (RFC 8628 §6.1).
fn user_code() -> String {
    let letters = random::hex(8);
    let letters = letters.bytes().take(8).map(|byte| match byte {
        b'0'..=b'9' => LETTERS[usize::from(byte - b'0')],
        byte => LETTERS[usize::from(byte - b'a') + 10],
    });
    let mut code: String = letters.map(char::from).collect();
    code.insert(4, '-');
    code
}

/// How long Keycloak still knows a code that expired.
const FORGOTTEN: Duration = Duration::from_secs(10);

const LETTERS: &[u8; 16] = b"BCDFGHJKLMNPQRST";
