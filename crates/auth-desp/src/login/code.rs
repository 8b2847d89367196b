//! The page that asks for a one-time code.

use std::time::{Duration, SystemTime};

use auth_core::clock::bound::seconds;
use auth_core::error::{Recall, Untrusted};
use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

use super::attempt::Attempt;
use super::given::empty;
use super::refused::REFUSED_CODE;
use super::refused::{MEMORY, Refused};
use super::stuck::said;
use super::visit::{Arrived, DEADLINE};
use crate::credentials::Code;
use crate::otp::Totp;
use crate::page::{Device, Form, Remark};

impl Attempt<'_> {
    /// Answers the page, once: two wrong codes lock an account.
    pub(super) async fn one_time_code(
        &mut self,
        form: &Form,
        devices: &[Device],
        remark: Option<Remark>,
    ) -> Result<Arrived> {
        let is_wrong = matches!(remark, Some(Remark::Wrong(_)));
        if self.has_sent_code && (is_wrong || !self.was_unread()) {
            return Err(self.refused_code(devices, remark).await);
        }
        let device = self.device(devices)?;
        let Some(code) = self.next_code().await? else {
            let (Code::Given(source) | Code::Made(source)) = &self.login.credentials.code;
            return Err(empty("one-time code", source.asks()));
        };
        self.account.ensure_locks_outlive(DEADLINE)?;
        let device = device.map(|device| SecretString::from(device.id.as_str()));
        let mut values = vec![("otp", &code)];
        if let Some(id) = &device {
            values.push(("selectedCredentialId", id));
        }
        self.visit.send(form, &values).await
    }

    /// The code to send next; `None` where there is none.
    pub(super) async fn next_code(&mut self) -> Result<Option<SecretString>> {
        let (Code::Given(source) | Code::Made(source)) = &self.login.credentials.code;
        let revealed = self.account.reveal(&**source).await?;
        if revealed.expose_secret().trim().is_empty() {
            return Ok(None);
        }
        self.ensure_code_is_not_refused(&revealed).await?;
        let code: SecretString = match &self.login.credentials.code {
            Code::Given(_) => {
                let without_blanks = revealed.expose_secret().split_whitespace();
                without_blanks.collect::<String>().into()
            }
            Code::Made(_) => self.made(&revealed).await?,
        };
        self.has_sent_code = true;
        self.sent_from = Some(revealed);
        Ok(Some(code))
    }

    /// A code that nobody has sent, under whichever label they know the device. Its step is noted before it is sent, so
    /// that nobody sends it again, whatever happens to this process.
    async fn made(&mut self, secret: &SecretString) -> Result<SecretString> {
        let totp = Totp::from_text(secret)?;
        let sent = self.login.account.of_everybody();
        loop {
            let now = self.visit.drift.server_time(self.visit.clock().now().wall);
            let mut sent = sent.lock(self.held).await?;
            let turn = totp.turn(now, sent.note(&totp.name()).and_then(step_of));
            if turn.pause.is_zero() {
                sent.retain(|_, value| is_unspent(value, now));
                let step = format!("{} {}", turn.step, seconds(totp.refused_from(turn.step)));
                sent.set_note(totp.name(), Some(step.into()));
                if let Err(error) = sent.save().await {
                    tracing::warn!(%error, "which one-time code is sent is not kept");
                }
                sent.release().await;
                return Ok(totp.code(turn.step));
            }
            // Others have theirs meanwhile.
            sent.release().await;
            self.account.pause(turn.pause).await?;
        }
    }

    /// Two wrong codes lock an account.
    async fn ensure_code_is_not_refused(&self, code: &SecretString) -> Result<()> {
        let (Code::Given(source) | Code::Made(source)) = &self.login.credentials.code;
        if source.asks() || self.login.manner.tries_refused {
            return Ok(());
        }
        let (note, now) = (
            self.account.note(REFUSED_CODE),
            self.visit.clock().now().wall,
        );
        if !Refused::is(note, &self.whose_code(), code, now).await {
            return Ok(());
        }
        let what = match &self.login.credentials.code {
            Code::Given(_) => "this one-time code",
            Code::Made(_) => "a one-time code of this device",
        };
        Err(Error::refused(format!(
            "the IAM has refused {what} before, so none was sent again: that locks an account"
        ))
        .with_advice("correct where the code comes from, or log in by hand to have it tried again")
        .with_recall(Recall::Always))
    }

    /// For another device it is another try.
    fn whose_code(&self) -> SecretString {
        let device = self.login.credentials.device.as_deref();
        device.unwrap_or_default().into()
    }

    /// The device that was named, if one was.
    fn device<'d>(&self, devices: &'d [Device]) -> Result<Option<&'d Device>> {
        let Some(label) = &self.login.credentials.device else {
            return Ok(None);
        };
        let found = devices.iter().find(|device| device.label == *label);
        match found {
            Some(device) => Ok(Some(device)),
            // A page with one device says nothing about it.
            None if devices.len() < 2 => Ok(None),
            None => Err(Error::config(format!(
                "the account has no device {} for one-time codes",
                Untrusted::new(label)
            ))
            .with_advice(format!("it has {}", labels(devices)))),
        }
    }

    /// The secret of a device is not used again for a while, and after a second time not for a day: once may be because
    /// somebody else has used the code.
    async fn refused_code(&mut self, devices: &[Device], remark: Option<Remark>) -> Error {
        let credentials = &self.login.credentials;
        let (secret, is_made) = match &credentials.code {
            Code::Given(code) => (code, false),
            Code::Made(secret) => (secret, true),
        };
        secret.refused();
        if let Some(sent) = self.sent_from.take().filter(|_| !secret.asks()) {
            let is_again = self.account.note(REFUSED_CODE).is_some();
            let memory = if is_again || !is_made {
                MEMORY
            } else {
                A_WHILE
            };
            let whose = self.whose_code();
            self.remember(REFUSED_CODE, &whose, &sent, memory).await;
        }
        let said = match &remark {
            Some(Remark::Wrong(text) | Remark::Barred(text) | Remark::Notice(text)) => {
                format!(": {}", said(text))
            }
            _ => String::new(),
        };
        let advice = match (devices.len(), is_made) {
            (0 | 1, true) => {
                "check the device's secret; a code that somebody else has used is refused, too"
                    .to_owned()
            }
            (0 | 1, false) => {
                "wait for the next code: each is good once, and for a minute".to_owned()
            }
            _ => format!(
                "name the device that it is from: the account has {}",
                labels(devices)
            ),
        };
        Error::refused(format!("the IAM refuses the one-time code{said}"))
            .with_advice(advice)
            .with_recall(if secret.asks() {
                Recall::Never
            } else {
                Recall::Always
            })
    }
}

/// Whether the note is of a code that was sent, and that the IAM might take again. One that lies too far ahead is of a clock
/// that was wrong.
pub(crate) fn is_unspent(note: &SecretString, now: SystemTime) -> bool {
    let end = note.expose_secret().split_once(' ');
    let end: Option<u64> = end.and_then(|(_, end)| end.parse().ok());
    let (now, latest) = (seconds(now), seconds(now + LONGEST));
    end.is_some_and(|end| (now + 1..=latest).contains(&end))
}

fn step_of(note: &SecretString) -> Option<u64> {
    let step = note.expose_secret().split(' ').next()?;
    step.parse().ok()
}

fn labels(devices: &[Device]) -> String {
    let labels = devices
        .iter()
        .map(|device| Untrusted::new(&device.label).to_string());
    labels.collect::<Vec<_>>().join(", ")
}

/// How long before its end a code can be sent: three of the longest periods.
const LONGEST: Duration = Duration::from_secs(3 * 3600);

/// By then a code that somebody else has used is no reason any more.
const A_WHILE: Duration = Duration::from_secs(600);
