//! The page that asks for a one-time code.

use auth_core::error::{Recall, Untrusted};
use auth_core::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

use super::attempt::Attempt;
use super::given::empty;
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
        if self.has_sent_code && !self.was_unread() {
            return Err(self.refused_code(devices, remark));
        }
        let device = self.device(devices)?;
        let code = match &self.login.credentials.code {
            Code::Given(code) => self.account.reveal(&**code).await?,
            Code::Made(secret) => {
                let secret = self.account.reveal(&**secret).await?;
                self.made(&secret).await?
            }
        };
        let code: SecretString = code
            .expose_secret()
            .split_whitespace()
            .collect::<String>()
            .into();
        if code.expose_secret().is_empty() {
            let (Code::Given(secret) | Code::Made(secret)) = &self.login.credentials.code;
            return Err(empty("one-time code", secret.asks()));
        }
        self.account.ensure_locks_outlive(DEADLINE)?;
        self.has_sent_code = true;
        let device = device.map(|device| SecretString::from(device.id.as_str()));
        let mut values = vec![("otp", &code)];
        if let Some(id) = &device {
            values.push(("selectedCredentialId", id));
        }
        self.visit.send(form, &values).await
    }

    /// A code that nobody has sent. Its step is noted before it is sent, so that nobody sends it again, whatever
    /// happens to this process.
    async fn made(&mut self, secret: &SecretString) -> Result<SecretString> {
        let totp = Totp::from_text(secret)?;
        let note = format!(
            "step of {}",
            auth_core::token::Fingerprint::of(secret.expose_secret()).name()
        );
        let last = self.account.note(&note);
        let last = last.and_then(|step| step.expose_secret().parse().ok());
        let now = self.visit.drift.server_time(self.visit.clock().now().wall);
        let turn = totp.turn(now, last);
        if !turn.pause.is_zero() {
            self.account.pause(turn.pause).await?;
        }
        self.account
            .set_note(note, Some(turn.step.to_string().into()));
        self.save().await;
        Ok(totp.code(turn.step))
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

    fn refused_code(&self, devices: &[Device], remark: Option<Remark>) -> Error {
        let credentials = &self.login.credentials;
        let (secret, is_made) = match &credentials.code {
            Code::Given(code) => (code, false),
            Code::Made(secret) => (secret, true),
        };
        secret.refused();
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

fn labels(devices: &[Device]) -> String {
    let labels = devices
        .iter()
        .map(|device| Untrusted::new(&device.label).to_string());
    labels.collect::<Vec<_>>().join(", ")
}
