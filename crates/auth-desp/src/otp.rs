//! [`Totp`]: one-time codes from a stored secret (RFC 6238).

mod drift;
mod text;

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime};

use auth_core::error::Untrusted;
use auth_core::token::Fingerprint;
use auth_core::{Error, Result};
use data_encoding::HEXLOWER;
use secrecy::zeroize::Zeroizing;
use secrecy::{ExposeSecret, SecretSlice, SecretString};
use totp_lite::{Sha1, Sha256, Sha512, totp_custom};

pub use drift::Drift;

/// A device that shows one-time codes: its secret, and how it makes codes of it. Never shows the secret.
#[derive(Clone)]
pub struct Totp {
    secret: SecretSlice<u8>,
    algorithm: Algorithm,
    digits: u32,
    period: u64,
    label: Option<String>,
}

impl Totp {
    /// Reads what a person got when they set the device up: the secret in base32, in groups and lower
    /// case as pages show it, with or without padding; or the whole `otpauth://totp/…` address of the
    /// picture. Without further words it is SHA-1, six digits, 30 seconds.
    ///
    /// # Errors
    /// `Config` if it is neither, or asks for something else than [`Algorithm`], six or eight digits and
    /// a period up to an hour. The message never repeats it.
    pub fn from_text(text: &SecretString) -> Result<Self> {
        text::read(text.expose_secret())
    }

    fn new(secret: SecretSlice<u8>) -> Self {
        Self {
            secret,
            algorithm: Algorithm::Sha1,
            digits: 6,
            period: 30,
            label: None,
        }
    }

    /// Another hash. The default is SHA-1, the only one that many apps know.
    #[must_use]
    pub fn with_algorithm(self, algorithm: Algorithm) -> Self {
        Self { algorithm, ..self }
    }

    /// Codes of six or eight digits.
    ///
    /// # Errors
    /// `Config` for another length.
    pub fn with_digits(self, digits: u32) -> Result<Self> {
        match digits {
            6 | 8 => Ok(Self { digits, ..self }),
            _ => Err(
                Error::config(format!("a one-time code of {digits} digits is not known"))
                    .with_advice("six and eight digits are"),
            ),
        }
    }

    /// A new code after this many seconds.
    ///
    /// # Errors
    /// `Config` for none, and for more than an hour.
    pub fn with_period(self, period: u64) -> Result<Self> {
        match period {
            1..=3600 => Ok(Self { period, ..self }),
            _ => Err(
                Error::config(format!("one-time codes of {period} seconds are not known"))
                    .with_advice("give the period in seconds, 30 as a rule"),
            ),
        }
    }

    fn with_label(self, label: Option<String>) -> Self {
        Self { label, ..self }
    }

    /// What the address called it, to tell it from others.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }

    /// What tells it from other devices, however its secret was written: no secret, and the same for everybody who has it.
    pub(crate) fn name(&self) -> String {
        let secret = Zeroizing::new(HEXLOWER.encode(self.secret.expose_secret()));
        let text = Zeroizing::new(format!("{} {}", *secret, self.period));
        Fingerprint::of(&text).name()
    }

    /// The number of the step that `at` lies in.
    pub fn step(&self, at: SystemTime) -> u64 {
        since_epoch(at).as_secs() / self.period
    }

    /// The code of a step.
    pub fn code(&self, step: u64) -> SecretString {
        let (secret, digits) = (self.secret.expose_secret(), self.digits);
        let time = step.saturating_mul(self.period);
        let code = match self.algorithm {
            Algorithm::Sha1 => totp_custom::<Sha1>(self.period, digits, secret, time),
            Algorithm::Sha256 => totp_custom::<Sha256>(self.period, digits, secret, time),
            Algorithm::Sha512 => totp_custom::<Sha512>(self.period, digits, secret, time),
        };
        code.into()
    }

    /// From when on no server takes the code of that step, which takes those of the steps beside the one that it is in.
    pub(crate) fn refused_from(&self, step: u64) -> SystemTime {
        let end = step.saturating_add(2).saturating_mul(self.period);
        SystemTime::UNIX_EPOCH
            .checked_add(Duration::from_secs(end))
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }

    /// Which step's code can be sent, and when: a server takes each once, so never the one that was used
    /// `last`, nor one before it. `now` is the server's time ([`Drift`]). Where `last` lies further ahead
    /// than the next step, it was noted under a wrong clock, and counts for nothing.
    pub fn turn(&self, now: SystemTime, last: Option<u64>) -> Turn {
        let step = self.step(now);
        let next = match last {
            Some(last) if (step..=step.saturating_add(1)).contains(&last) => last + 1,
            _ => step,
        };
        let begins = Duration::from_secs(next.saturating_mul(self.period));
        Turn {
            step: next,
            pause: begins.saturating_sub(since_epoch(now)),
        }
    }
}

impl fmt::Debug for Totp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Totp")
            .field("algorithm", &self.algorithm)
            .field("digits", &self.digits)
            .field("period", &self.period)
            .field("label", &self.label)
            .finish_non_exhaustive()
    }
}

/// When which code can be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Turn {
    /// The step whose code it is.
    pub step: u64,
    /// How long to wait before: less than two periods.
    pub pause: Duration,
}

/// The hash that a code is made with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC-SHA-1, as almost everywhere.
    Sha1,
    /// HMAC-SHA-256.
    Sha256,
    /// HMAC-SHA-512.
    Sha512,
}

impl FromStr for Algorithm {
    type Err = Error;

    /// As `otpauth` addresses spell it: `SHA1`, `SHA256`, `SHA512`; also with a dash or as `HmacSHA1`.
    fn from_str(text: &str) -> Result<Self> {
        let plain = text.to_ascii_uppercase().replace('-', "");
        match plain.strip_prefix("HMAC").unwrap_or(&plain) {
            "SHA1" => Ok(Self::Sha1),
            "SHA256" => Ok(Self::Sha256),
            "SHA512" => Ok(Self::Sha512),
            _ => Err(Error::config(format!(
                "one-time codes are not made with {}",
                Untrusted::new(text).with_limit(16)
            ))
            .with_advice("SHA1, SHA256 and SHA512 are known")),
        }
    }
}

fn since_epoch(at: SystemTime) -> Duration {
    at.duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default()
}

#[cfg(test)]
mod tests;
